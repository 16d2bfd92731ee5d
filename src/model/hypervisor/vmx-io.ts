import { IoreqDirection, IoreqType } from "../abi/acrn.ts";
import { EPT_WRITE, ioIsRead, ioPort, ioSize } from "../abi/vmx.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { decodeInstruction, emulateInstruction } from "./instr-emul.ts";
import { emulateIo } from "./io-req.ts";
import type { AcrnVcpu } from "./vcpu.ts";
import { vlapicSetIntr } from "./vlapic.ts";

/** All bits of an access of `size` bytes, 1 to 4. */
export const sizeMask = (size: number): number => 0xffffffff >>> (32 - 8 * size);

/** hypervisor/arch/x86/guest/vmx_io.c. Returns what emulate_io returns. */
export const pioInstrVmexitHandler = station(
  S.pio_instr_vmexit_handler,
  (vcpu: AcrnVcpu): number => {
    const { req, exitQualification } = vcpu;
    req.ioType = IoreqType.PORTIO;
    req.size = ioSize(exitQualification);
    req.address = ioPort(exitQualification);
    if (ioIsRead(exitQualification)) {
      req.direction = IoreqDirection.READ;
    } else {
      req.direction = IoreqDirection.WRITE;
      req.pioValue = (vcpu.rax & sizeMask(req.size)) >>> 0;
    }
    return emulateIo(vcpu);
  },
  (emit, { vcpuId, exitQualification: q }) => emit(vcpuId, ioPort(q), ioSize(q), ioIsRead(q) ? 0 : 1),
);

/**
 * Same file. Data accesses only: instruction fetches and writes to read-only mapped pages do not exit in this machine.
 * A write is emulated first, which gives the value; a read is emulated when the value has come.
 */
export const eptViolationVmexitHandler = station(
  S.ept_violation_vmexit_handler,
  (vcpu: AcrnVcpu): number => {
    const { req } = vcpu;
    const isWrite = (vcpu.exitQualification & EPT_WRITE) !== 0;
    req.ioType = IoreqType.MMIO;
    req.direction = isWrite ? IoreqDirection.WRITE : IoreqDirection.READ;
    if (isWrite) req.mmioValue = 0;
    req.address = vcpu.guestPhysicalAddress;
    req.size = decodeInstruction(vcpu);
    if (isWrite) emulateInstruction(vcpu);
    return emulateIo(vcpu);
  },
  (emit, vcpu) => emit(vcpu.vcpuId, vcpu.guestPhysicalAddress, vcpu.exitQualification),
);

/** Same file. The target is always vCPU 0 of the Service VM, the trigger mode edge. */
export const archFireHsmInterrupt = station(
  S.arch_fire_hsm_interrupt,
  ({ vm: { hypervisor } }: AcrnVcpu): void =>
    vlapicSetIntr(hypervisor.serviceVm.vcpus[0], hypervisor.hsmNotificationVector, false),
  (emit, vcpu) => emit(vcpu.vm.hypervisor.hsmNotificationVector),
);

/** Same file. A read is merged into RAX; a write needs nothing. */
export const emulatePioComplete = station(
  S.emulate_pio_complete,
  (vcpu: AcrnVcpu): void => {
    const { req } = vcpu;
    if (req.direction !== IoreqDirection.READ) return;
    const mask = sizeMask(req.size);
    vcpu.rax = ((vcpu.rax & ~mask) | (req.pioValue & mask)) >>> 0;
  },
  (emit, { vcpuId, req }) => emit(vcpuId, req.ioType, req.direction, req.pioValue),
);
