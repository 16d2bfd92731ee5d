import { IoreqDirection, IoreqType } from "../abi/acrn.ts";
import { EPT_WRITE, ioIsRead, ioPort, ioSize } from "../abi/vmx.ts";
import { handOn, station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { decodeInstruction, emulateInstruction } from "./instr-emul.ts";
import { emulateIo } from "./io-req.ts";
import { sizeMask } from "./pio-complete.ts";
import type { AcrnVcpu } from "./vcpu.ts";

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
  handOn,
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
  handOn,
);
