import { EPT_WRITE, ExitReason, ioIsRead, ioPort, ioSize } from "../abi/vmx.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { sizeMask } from "./pio-complete.ts";
import type { AcrnVcpu } from "./vcpu.ts";

/** The access of the guest that an exit is about. */
export interface ExitAccess {
  readonly space: "IO" | "MEM";
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  readonly isWrite: boolean;
  /** What is written; 0 for a read. */
  readonly value: number;
}

/**
 * The access of the exit a vCPU is in, from what the VMCS says, for `vcpu.req` is the last exit's until the handler fills
 * it. Undefined outside of exits, after the handler has returned, and for an exit that is no access.
 */
export function exitAccess(vcpu: AcrnVcpu): ExitAccess | undefined {
  const { context, exitReason, exitQualification } = vcpu;
  // The frame of vcpu_thread is always open; what the loop does besides handling an exit is not about an access.
  if (context.depth < 2 || context.stations[1] !== S.vmexit_handler) return undefined;
  if (exitReason === ExitReason.IO_INSTRUCTION) {
    const size = ioSize(exitQualification);
    const isWrite = !ioIsRead(exitQualification);
    const value = isWrite ? (vcpu.rax & sizeMask(size)) >>> 0 : 0;
    return { space: "IO", address: ioPort(exitQualification), size, isWrite, value };
  }
  if (exitReason !== ExitReason.EPT_VIOLATION) return undefined;
  const isWrite = (exitQualification & EPT_WRITE) !== 0;
  return {
    space: "MEM",
    address: vcpu.guestPhysicalAddress,
    size: vcpu.instructionSize,
    isWrite,
    value: isWrite ? vcpu.instructionRegister : 0,
  };
}
