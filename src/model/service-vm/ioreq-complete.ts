import { acrnIoRequest, IOREQ_SLOTS, IoreqState } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { EINVAL } from "../util/errno.ts";
import { hcallNotifyReqFinish } from "./hypercall.ts";
import type { AcrnIoreqClient, AcrnVm } from "./vm-state.ts";

const { completion_polling, processed } = acrnIoRequest.at;

/** drivers/virt/acrn/ioreq.c. Returns 0, or what the hypercall returns when it fails. */
export const ioreqCompleteRequest = station(
  S.ioreq_complete_request,
  (vm: AcrnVm, vcpu: number): number => {
    const { view } = vm.kernel.memory;
    const slot = vm.slot(vcpu);
    // Read first: from COMPLETE on, a polling hypervisor may use the slot again.
    const polling = view.getUint32(slot + completion_polling, true) !== 0;
    view.setUint32(slot + processed, IoreqState.COMPLETE, true);
    if (polling) return 0;
    const status = hcallNotifyReqFinish(vm, vcpu);
    if (status < 0) vm.kernel.log(1, "hsm", "Notify I/O request finished failed!");
    return status;
  },
  (emit, vm, vcpu) => emit(vcpu, vm.slotField(vcpu, processed)),
);

/** Same file. -EINVAL for a vCPU the VM does not have. The slot's state before is not looked at. */
export const acrnIoreqCompleteRequest = station(
  S.acrn_ioreq_complete_request,
  (client: AcrnIoreqClient, vcpu: number): number => {
    if (vcpu >= client.vm.vcpuNum) return -EINVAL;
    client.ioreqsMap &= ~(1 << vcpu);
    return ioreqCompleteRequest(client.vm, vcpu);
  },
  (emit, client, vcpu) => emit(vcpu, client.isDefault ? 1 : 0),
);

/** Same file. 0 also when there is no default client. */
export const acrnIoreqRequestDefaultComplete = station(
  S.acrn_ioreq_request_default_complete,
  (vm: AcrnVm, vcpu: number): number =>
    vm.defaultClient === undefined ? 0 : acrnIoreqCompleteRequest(vm.defaultClient, vcpu),
  (emit, vm, vcpu) => emit(vcpu, vm.slotField(vcpu, processed)),
);

/**
 * Same file. Kernel clients get the chance to finish (the kernel waits up to 100 ms, here the other contexts run until
 * they are done or idle); meanwhile new requests are completed unseen. Then the default client's are completed.
 */
export const acrnIoreqRequestClear = station(
  S.acrn_ioreq_request_clear,
  (vm: AcrnVm): void => {
    vm.clearingIoreq = true;
    const allDone = () => !vm.ioreqClients.some((client) => client.hasPendingRequest);
    if (!allDone() && !vm.kernel.scheduler.runUntil(allDone)) {
      const client = vm.ioreqClients.find((candidate) => candidate.hasPendingRequest);
      vm.kernel.log(2, "hsm", `${client?.name} cannot flush pending request!`);
    }
    const client = vm.defaultClient;
    for (let vcpu = 0; client !== undefined && vcpu < IOREQ_SLOTS; vcpu++) {
      if ((client.ioreqsMap & (1 << vcpu)) !== 0) acrnIoreqCompleteRequest(client, vcpu);
    }
    vm.clearingIoreq = false;
  },
  (emit, vm) => emit(vm.vmid),
);
