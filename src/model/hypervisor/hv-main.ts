import { resetEvent, VcpuEvent } from "./event.ts";
import { type AcrnVcpu, runVcpu } from "./vcpu.ts";
import { acrnHandlePendingRequest, vcpuInjectGp } from "./virq.ts";
import { vmexitHandler } from "./vmexit.ts";

/**
 * hypervisor/common/hv_main.c, the loop of vcpu_thread cut at the VM entry, because the guest runs in its engine:
 * handles the exit described by the vCPU's exit fields, then enters the guest again. The frame of vcpu_thread itself
 * stays open at the bottom of the context's stack. A handler that fails gives the guest #GP(0).
 */
export function handleExit(vcpu: AcrnVcpu): void {
  const status = vmexitHandler(vcpu);
  if (status < 0) {
    const reason = `reason ${vcpu.exitReason}, ret = ${status}`;
    vcpu.vm.hypervisor.log(1, "hypervisor", `dispatch VM exit handler failed for ${reason}!`);
    vcpuInjectGp(vcpu, 0);
  }
  enterGuest(vcpu);
}

/** The same loop from its top: pending requests, then the VM entry. */
export function enterGuest(vcpu: AcrnVcpu): void {
  if (vcpu.pendingReq !== 0) acrnHandlePendingRequest(vcpu);
  resetEvent(vcpu.events[VcpuEvent.VIRTUAL_INTERRUPT]);
  runVcpu(vcpu);
}
