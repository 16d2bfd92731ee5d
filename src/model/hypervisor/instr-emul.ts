import { IoreqDirection } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import type { AcrnVcpu } from "./vcpu.ts";

/**
 * hypervisor/arch/x86/guest/instr_emul.c. Returns the bytes the instruction accesses. The engine has decoded it
 * already, so the page walks and faults of the real function have no counterpart.
 */
export const decodeInstruction = station(
  S.decode_instruction,
  (vcpu: AcrnVcpu): number => vcpu.instructionSize,
  (emit, vcpu) => emit(vcpu.vcpuId),
);

/** Same file. Register to request for a write, request to register for a read. Returns 0. */
export const emulateInstruction = station(
  S.emulate_instruction,
  (vcpu: AcrnVcpu): number => {
    const { req } = vcpu;
    if (req.direction === IoreqDirection.WRITE) req.mmioValue = vcpu.instructionRegister;
    else vcpu.instructionRegister = req.mmioValue;
    return 0;
  },
  (emit, { vcpuId, req }) => emit(vcpuId, req.ioType, req.direction, req.mmioValue),
);
