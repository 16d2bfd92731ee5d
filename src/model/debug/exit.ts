import { IoreqState } from "../abi/acrn.ts";
import { type ExitAccess, exitAccess } from "../hypervisor/exit-access.ts";
import { getIoReqState } from "../hypervisor/ioreq-slot.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";

/** What a vCPU's exit is about. */
export const accessOf = (vcpu: AcrnVcpu): ExitAccess | undefined => exitAccess(vcpu);

/** A FREE slot of the shared page holds what it held at the request before. */
export const isSlotFree = (vcpu: AcrnVcpu): boolean => getIoReqState(vcpu) === IoreqState.FREE;
