import { ioreqStateNames } from "../abi/acrn.ts";
import { getIoReqState } from "./ioreq-slot.ts";
import type { AcrnVcpu } from "./vcpu.ts";

/** A vCPU waits for something nobody is left to do: on a real machine it would hang for good. */
export class VcpuStuckError extends Error {
  readonly vcpu: AcrnVcpu;
  /** State of the vCPU's ioreq slot. */
  readonly slot: number;
  readonly waitingFor: string;

  constructor(vcpu: AcrnVcpu) {
    const slot = getIoReqState(vcpu);
    const name = ioreqStateNames[slot as keyof typeof ioreqStateNames] ?? `0x${slot.toString(16)}`;
    const { waitingFor } = vcpu.context;
    super(`vCPU ${vcpu.vcpuId} of VM ${vcpu.vm.vmId} waits for ${waitingFor}, its slot is ${name}, and nobody can run`);
    this.vcpu = vcpu;
    this.slot = slot;
    this.waitingFor = waitingFor;
  }
}
