import { DeliveryMode, DFR_FLAT, LapicReg, Msi } from "../abi/apic.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { vlapicEnabled, vlapicSetIntr } from "./vlapic.ts";
import type { Vlapic } from "./vlapic-state.ts";
import type { AcrnVm } from "./vm.ts";

/** Where an interrupt goes and how: the fields of an MSI or a redirection entry. */
export interface Interrupt {
  readonly level: boolean;
  readonly dest: number;
  /** `dest` is a local APIC id, not a logical destination. */
  readonly phys: boolean;
  readonly delmode: number;
  readonly vector: number;
  /** Redirection hint: lowest priority among the destinations. */
  readonly rh: boolean;
}

/**
 * hypervisor/arch/x86/guest/vlapic.c, is_lapic_pt_configured being false: the model's VMs have no local APIC
 * passthrough. Returns 0, or -1 when the address is no MSI address.
 */
export const vlapicInjectMsi = station(
  S.vlapic_inject_msi,
  (vm: AcrnVm, address: number, data: number): number => injectMsiForNonLapicPt(vm, address, data),
  (emit, vm, address, data) => emit(vm.vmId, address, data),
);

/** Same file. MSIs are edge-triggered, whatever the message says. */
const injectMsiForNonLapicPt = station(
  S.inject_msi_for_non_lapic_pt,
  (vm: AcrnVm, address: number, data: number): number => {
    if ((address % 2 ** 32) >>> 20 !== Msi.BASE) {
      vm.hypervisor.log(5, "hypervisor", `lapic MSI invalid addr 0x${address.toString(16)}`);
      return -1;
    }
    vlapicReceiveIntr(vm, {
      level: false,
      dest: (address >>> 12) & 0xff,
      phys: (address & Msi.LOGICAL) === 0,
      delmode: (data >>> 8) & 7,
      vector: data & 0xff,
      rh: (address & Msi.REDIRECTION_HINT) !== 0,
    });
    return 0;
  },
  (emit, vm, address, data) => emit(vm.vmId, address, data),
);

/**
 * Same file. Other modes than fixed and lowest priority are dropped: EXINT asks the vPIC, which has nothing as long
 * as the guest has not initialised it.
 */
export const vlapicReceiveIntr = station(
  S.vlapic_receive_intr,
  (vm: AcrnVm, interrupt: Interrupt): void => {
    const { delmode, rh } = interrupt;
    if (delmode !== DeliveryMode.FIXED && delmode !== DeliveryMode.LOPRI) {
      vm.hypervisor.log(5, "hypervisor", `vlapic: interrupt with delivery mode ${delmode} dropped`);
      return;
    }
    const mask = vlapicCalcDestNoshort(vm, interrupt.dest, interrupt.phys, delmode === DeliveryMode.LOPRI || rh);
    for (const vcpu of vm.createdVcpus) {
      if ((mask & (1 << vcpu.vcpuId)) !== 0 && vlapicEnabled(vcpu.vlapic)) {
        vlapicSetIntr(vcpu, interrupt.vector, interrupt.level);
      }
    }
  },
  (emit, _vm, i) => emit(i.level ? 1 : 0, i.dest, i.phys ? 1 : 0, i.delmode, i.vector),
);

/** Same file. Bitmap of destination vCPUs; empty when nobody matches, and then the interrupt is lost. */
const vlapicCalcDestNoshort = station(
  S.vlapic_calc_dest_noshort,
  (vm: AcrnVm, dest: number, phys: boolean, lowprio: boolean): number => {
    let mask = 0;
    let lowest: Vlapic | undefined;
    for (const { vlapic, vcpuId } of vm.createdVcpus) {
      if (phys ? vlapic.vapicId !== dest : !isDestFieldMatched(vlapic, dest)) continue;
      if (phys || !lowprio) mask |= 1 << vcpuId;
      else if (lowest === undefined || lowest.register(LapicReg.PPR) > vlapic.register(LapicReg.PPR)) lowest = vlapic;
    }
    return lowest === undefined ? mask : mask | (1 << lowest.vcpu.vcpuId);
  },
  (emit, _vm, dest, phys, lowprio) => emit(dest, phys ? 1 : 0, lowprio ? 1 : 0),
);

/** `is_dest_field_matched` in xAPIC mode: does a logical destination name this APIC? */
function isDestFieldMatched(vlapic: Vlapic, dest: number): boolean {
  const id = vlapic.register(LapicReg.LDR) >>> 24;
  if (vlapic.register(LapicReg.DFR) >>> 28 === DFR_FLAT) return (id & dest) !== 0;
  return id >>> 4 === dest >>> 4 && (id & dest & 0xf) !== 0;
}
