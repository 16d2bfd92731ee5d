import { finishParked, PARKED } from "../chain/announce.ts";
import { resetEvent, VcpuEvent } from "./event.ts";
import { type AcrnVcpu, runVcpu } from "./vcpu.ts";
import { acrnHandlePendingRequest, vcpuInjectGp } from "./virq.ts";
import { vmexitHandler } from "./vmexit.ts";

/** Frames of a vCPU's context outside of every exit: vcpu_thread's own stays open at the bottom. */
const OUTSIDE_EXITS = 1;

/**
 * hypervisor/common/hv_main.c, the loop of vcpu_thread cut at the VM entry, because the guest runs in its engine:
 * handles the exit described by the vCPU's exit fields, then enters the guest again. A handler that fails gives the guest
 * #GP(0). Answers 0, or PARKED while the vCPU waits.
 */
export function handleExit(vcpu: AcrnVcpu): number {
  return endExit(vcpu, vmexitHandler(vcpu));
}

/** Goes on with the exit that has been parked. */
export function resumeExit(vcpu: AcrnVcpu): number {
  return endExit(vcpu, finishParked(vcpu.context, OUTSIDE_EXITS));
}

/** The vCPU's thread was reset or stopped while it waited: on real hardware its stack is thrown away. A read gives all ones. */
export function abandonExit(vcpu: AcrnVcpu): void {
  vcpu.isVoid = false;
  vcpu.context.depth = OUTSIDE_EXITS;
  vcpu.rax = 0xffffffff;
  vcpu.instructionRegister = 0xffffffff;
}

function endExit(vcpu: AcrnVcpu, status: number): number {
  if (status === PARKED) return PARKED;
  if (status < 0) {
    const reason = `reason ${vcpu.exitReason}, ret = ${status}`;
    vcpu.vm.hypervisor.log(1, "hypervisor", `dispatch VM exit handler failed for ${reason}!`);
    vcpuInjectGp(vcpu, 0);
  }
  enterGuest(vcpu);
  return 0;
}

/** The same loop from its top, for either VM: pending requests, of which there may be none, then the VM entry. */
export function enterGuest(vcpu: AcrnVcpu): void {
  acrnHandlePendingRequest(vcpu);
  resetEvent(vcpu.events[VcpuEvent.VIRTUAL_INTERRUPT]);
  runVcpu(vcpu);
}
