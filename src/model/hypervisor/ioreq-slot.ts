import { acrnIoRequest, IOREQ_SLOTS, IoreqState } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import type { AcrnVcpu } from "./vcpu.ts";
import type { AcrnVm } from "./vm.ts";

/** What get_io_req_state gives when there is no shared page. */
const NO_PAGE = 0xffffffff;

/** Address of a slot in the Service VM's memory. */
export const slotAddress = (page: number, vcpuId: number): number => page + vcpuId * acrnIoRequest.size;

/** `get_io_req_state` (hypervisor/dm/io_req.c): state of the vCPU's slot, 0xFFFFFFFF without a shared page. */
export function getIoReqState(vcpu: AcrnVcpu): number {
  const page = vcpu.vm.sw.ioSharedPage;
  if (page === undefined) return NO_PAGE;
  const { view } = vcpu.vm.hypervisor.serviceVmMemory;
  return view.getUint32(slotAddress(page, vcpu.vcpuId) + acrnIoRequest.at.processed, true);
}

/** `has_complete_ioreq` */
export const hasCompleteIoreq = (vcpu: AcrnVcpu): boolean => getIoReqState(vcpu) === IoreqState.COMPLETE;

/** `set_io_req_state`: the hypervisor only ever sets PENDING or FREE. Does nothing without a shared page. */
export function setIoReqState(vm: AcrnVm, vcpuId: number, state: number): void {
  const page = vm.sw.ioSharedPage;
  if (page === undefined) return;
  vm.hypervisor.serviceVmMemory.view.setUint32(slotAddress(page, vcpuId) + acrnIoRequest.at.processed, state, true);
}

/** hypervisor/dm/io_req.c: at VM reset, whatever state the slots are in. */
export const resetVmIoreqs = station(
  S.reset_vm_ioreqs,
  (vm: AcrnVm): void => {
    for (let slot = 0; slot < IOREQ_SLOTS; slot++) setIoReqState(vm, slot, IoreqState.FREE);
  },
  (emit, vm) => emit(vm.vmId),
);
