import { acrnIoreqBuffer, acrnMsiEntry, Hypercall } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { writeU64 } from "../util/u64.ts";
import type { ServiceVm } from "./service-vm.ts";
import type { AcrnVm } from "./vm-state.ts";

/**
 * drivers/virt/acrn/hypercall.h. Argument structs lie in the kernel's scratch buffer, as long as the hypercall runs;
 * results are as the hypervisor gives them: 0, or negative.
 */

/** `vminfo`: address of a struct acrn_vm_creation, also filled by the hypervisor. */
export const hcallCreateVm = (kernel: ServiceVm, vminfo: number): number =>
  kernel.hypercalls.vmcall(Hypercall.HC_CREATE_VM, vminfo, 0);

export const hcallStartVm = ({ kernel, vmid }: AcrnVm): number =>
  kernel.hypercalls.vmcall(Hypercall.HC_START_VM, vmid, 0);

export const hcallPauseVm = ({ kernel, vmid }: AcrnVm): number =>
  kernel.hypercalls.vmcall(Hypercall.HC_PAUSE_VM, vmid, 0);

export const hcallResetVm = ({ kernel, vmid }: AcrnVm): number =>
  kernel.hypercalls.vmcall(Hypercall.HC_RESET_VM, vmid, 0);

export const hcallDestroyVm = ({ kernel, vmid }: AcrnVm): number =>
  kernel.hypercalls.vmcall(Hypercall.HC_DESTROY_VM, vmid, 0);

/** `page`: address of the ioreq page. */
export function hcallSetIoreqBuffer({ kernel, vmid }: AcrnVm, page: number): number {
  writeU64(kernel.memory.view, kernel.scratch + acrnIoreqBuffer.at.req_buf, page);
  return kernel.hypercalls.vmcall(Hypercall.HC_SET_IOREQ_BUFFER, vmid, kernel.scratch);
}

export function hcallInjectMsi({ kernel, vmid }: AcrnVm, address: number, data: number): number {
  writeU64(kernel.memory.view, kernel.scratch + acrnMsiEntry.at.msi_addr, address);
  writeU64(kernel.memory.view, kernel.scratch + acrnMsiEntry.at.msi_data, data);
  return kernel.hypercalls.vmcall(Hypercall.HC_INJECT_MSI, vmid, kernel.scratch);
}

/** `ops`: a packed struct acrn_irqline_ops. */
export const hcallSetIrqline = ({ kernel, vmid }: AcrnVm, ops: number): number =>
  kernel.hypercalls.vmcall(Hypercall.HC_SET_IRQLINE, vmid, ops);

/** Same file. */
export const hcallNotifyReqFinish = station(
  S.hcall_notify_req_finish,
  ({ kernel, vmid }: AcrnVm, vcpu: number): number =>
    kernel.hypercalls.vmcall(Hypercall.HC_NOTIFY_REQUEST_FINISH, vmid, vcpu),
  (emit, vm, vcpu) => emit(vm.vmid, vcpu),
);
