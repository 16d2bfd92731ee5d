import { LapicReg, SVR_ENABLE } from "../abi/apic.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { signalEvent, VcpuEvent } from "./event.ts";
import { AcrnRequest, type AcrnVcpu } from "./vcpu.ts";
import { clearVector, setVector, testVector, type Vlapic } from "./vlapic-state.ts";

/** Error status: received an illegal vector (below 16). */
const APIC_ESR_RECEIVE_ILLEGAL_VECTOR = 0x40;

export const vlapicEnabled = (vlapic: Vlapic): boolean => (vlapic.register(LapicReg.SVR) & SVR_ENABLE) !== 0;

/** hypervisor/arch/x86/guest/vlapic.c. A vector below 16 only sets an error bit. */
export const vlapicSetIntr = station(
  S.vlapic_set_intr,
  (vcpu: AcrnVcpu, vector: number, level: boolean): void => {
    if (vector < 16) vcpu.vlapic.esr |= APIC_ESR_RECEIVE_ILLEGAL_VECTOR;
    else vlapicAcceptIntr(vcpu.vlapic, vector, level);
  },
  (emit, vcpu, vector, level) => emit(vcpu.vm.vmId, vcpu.vcpuId, vector, level ? 1 : 0),
);

/** Same file. A software-disabled APIC drops the vector with a debug message. */
const vlapicAcceptIntr = station(
  S.vlapic_accept_intr,
  (vlapic: Vlapic, vector: number, level: boolean): void => {
    const { vcpu } = vlapic;
    if ((vlapic.register(LapicReg.SVR) & SVR_ENABLE) === 0) {
      vcpu.vm.hypervisor.log(5, "hypervisor", `vlapic is software disabled, ignoring interrupt ${vector}`);
      return;
    }
    apicvAdvancedAcceptIntr(vlapic, vector, level);
    signalEvent(vcpu.events[VcpuEvent.VIRTUAL_INTERRUPT]);
  },
  (emit, { vcpu }, vector, level) => emit(vcpu.vm.vmId, vcpu.vcpuId, vector, level ? 1 : 0),
);

/**
 * Same file. Posted interrupts: only the vector that sets ON requests an event and notifies, so what comes before
 * the delivery merges with it.
 */
const apicvAdvancedAcceptIntr = station(
  S.apicv_advanced_accept_intr,
  (vlapic: Vlapic, vector: number, level: boolean): void => {
    const { vcpu } = vlapic;
    setTmr(vlapic, vector, level);
    vcpu.cpu?.interruptPosted?.(vector);
    if (!setIntrReady(vlapic, vector)) return;
    vcpu.pendingReq |= 1 << AcrnRequest.EVENT;
    if (vcpu.vm.isServiceVm) vcpu.vm.hypervisor.serviceVmCpu.interruptPending();
    else if (inGuest(vcpu)) vcpu.chain.setCause(vcpu.context, "postedInterrupt");
  },
  (emit, vlapic, vector, level) =>
    emit(vlapic.vcpu.vm.vmId, vlapic.vcpu.vcpuId, vector, level ? 1 : 0, vlapic.on ? 1 : 0),
);

/** Only vcpu_thread is open. A vCPU inside an exit goes on for a reason of its own. */
const inGuest = ({ context }: AcrnVcpu): boolean => context.state === "runnable" && context.depth === 1;

/** `vlapic_set_tmr`: the trigger mode register, which doubles as the EOI-exit bitmap. */
function setTmr(vlapic: Vlapic, vector: number, level: boolean): void {
  if (level) setVector(vlapic.tmr, vector);
  else clearVector(vlapic.tmr, vector);
}

/** `apicv_set_intr_ready`: sets PIR and ON; true if ON was clear, that is, if the target must be notified. */
function setIntrReady(vlapic: Vlapic, vector: number): boolean {
  if (testVector(vlapic.pir, vector)) return false;
  setVector(vlapic.pir, vector);
  const notify = !vlapic.on;
  vlapic.on = true;
  return notify;
}

/** Same file. `ops->inject_intr`: the model's CPUs have posted interrupts, so the advanced method. */
export const vlapicInjectIntr = station(
  S.vlapic_inject_intr,
  (vlapic: Vlapic): void => apicvAdvancedInjectIntr(vlapic),
  (emit, vlapic) => emit(vlapic.vcpu.vcpuId),
);

/** Same file. A self-IPI with the notification vector, which the hardware serves right after VM entry. */
const apicvAdvancedInjectIntr = station(
  S.apicv_advanced_inject_intr,
  (vlapic: Vlapic): void => {
    if (vlapic.on) processPostedInterrupts(vlapic);
  },
  (emit, vlapic) => emit(vlapic.vcpu.vcpuId, vlapic.on ? 1 : 0),
);

/** Posted-interrupt processing by the CPU itself (SDM Vol. 3, 30.6): clears ON and merges PIR into the virtual IRR. */
export function processPostedInterrupts(vlapic: Vlapic): void {
  const { pir, vcpu } = vlapic;
  vlapic.on = false;
  for (let word = 0; word < pir.length; word++) {
    for (let bits = pir[word]; bits !== 0; bits &= bits - 1) {
      const vector = word * 32 + 31 - Math.clz32(bits & -bits);
      if (vcpu.vm.isServiceVm) setVector(vlapic.irr, vector);
      else requestVector(vlapic, vector);
    }
    pir[word] = 0;
  }
}

function requestVector(vlapic: Vlapic, vector: number): void {
  const level = testVector(vlapic.tmr, vector);
  if (level && !testVector(vlapic.awaitingEoi, vector)) {
    setVector(vlapic.awaitingEoi, vector);
    vlapic.awaitingEoiCount++;
  }
  vlapic.vcpu.cpu?.requestVector(vector, level);
}
