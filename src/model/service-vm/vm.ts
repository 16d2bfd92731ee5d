import { acrnVmCreation, IOREQ_PAGE_SIZE } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { EEXIST, EFAULT } from "../util/errno.ts";
import { readU64 } from "../util/u64.ts";
import { hcallCreateVm, hcallDestroyVm, hcallSetIoreqBuffer } from "./hypercall.ts";
import { acrnIoeventfdDeinit, acrnIoeventfdInit } from "./ioeventfd.ts";
import { acrnIoreqClientDestroy } from "./ioreq-client.ts";
import { acrnIrqfdDeinit, acrnIrqfdInit } from "./irqfd.ts";
import { ACRN_INVALID_VMID, type AcrnVm } from "./vm-state.ts";

/**
 * drivers/virt/acrn/vm.c. `param` is the address of a struct acrn_vm_creation in kernel memory, filled by the
 * hypervisor. Undefined when the hypercall fails or the ioreq page cannot be set up; failures of the ioeventfd client
 * and of irqfd are ignored, as in the kernel.
 */
export const acrnVmCreate = station(S.acrn_vm_create, (vm: AcrnVm, param: number): AcrnVm | undefined => {
  const { kernel } = vm;
  const { view } = kernel.memory;
  const ioreqBuf = readU64(view, param + acrnVmCreation.at.ioreq_buf);
  const status = hcallCreateVm(kernel, param);
  const vmid = view.getUint16(param + acrnVmCreation.at.vmid, true);
  if (status < 0 || vmid === ACRN_INVALID_VMID) {
    kernel.log(1, "hsm", `Failed to create VM! Error: ${status}`);
    return undefined;
  }
  vm.vmid = vmid;
  vm.vcpuNum = view.getUint16(param + acrnVmCreation.at.vcpu_num, true);
  if (acrnIoreqInit(vm, ioreqBuf) < 0) {
    hcallDestroyVm(vm);
    vm.vmid = ACRN_INVALID_VMID;
    return undefined;
  }
  kernel.vmList.unshift(vm);
  acrnIoeventfdInit(vm);
  acrnIrqfdInit(vm);
  return vm;
});

/** Same file. 0, also when there is no VM; what the hypercall returns when it fails: the VM must be paused. */
export const acrnVmDestroy = station(
  S.acrn_vm_destroy,
  (vm: AcrnVm): number => {
    if (vm.vmid === ACRN_INVALID_VMID || vm.destroyed) return 0;
    vm.destroyed = true;
    const { vmList, log } = vm.kernel;
    if (vmList.includes(vm)) vmList.splice(vmList.indexOf(vm), 1);
    acrnIoeventfdDeinit(vm);
    acrnIrqfdDeinit(vm);
    acrnIoreqDeinit(vm);
    const status = hcallDestroyVm(vm);
    if (status < 0) {
      log(1, "hsm", `Failed to destroy VM ${vm.vmid}`);
      vm.destroyed = false;
      return status;
    }
    vm.asyncioSbuf = undefined;
    vm.vmid = ACRN_INVALID_VMID;
    return 0;
  },
  (emit, vm) => emit(vm.vmid),
);

/** drivers/virt/acrn/ioreq.c. -EEXIST when there is a page already, -EFAULT when it cannot be pinned. */
const acrnIoreqInit = station(
  S.acrn_ioreq_init,
  (vm: AcrnVm, address: number): number => {
    const { kernel } = vm;
    if (vm.ioreqBuf !== undefined) return -EEXIST;
    const page = address - (address % IOREQ_PAGE_SIZE);
    if (!kernel.memory.contains(page, IOREQ_PAGE_SIZE)) {
      kernel.log(1, "hsm", "Failed to pin ioreq page!");
      return -EFAULT;
    }
    vm.ioreqBuf = page;
    const status = hcallSetIoreqBuffer(vm, page);
    if (status < 0) {
      kernel.log(1, "hsm", "Failed to init ioreq buffer!");
      vm.ioreqBuf = undefined;
    }
    return status;
  },
  (emit, vm, address) => emit(vm.vmid, address),
);

/** Same file. */
const acrnIoreqDeinit = station(
  S.acrn_ioreq_deinit,
  (vm: AcrnVm): void => {
    for (const client of [...vm.ioreqClients]) acrnIoreqClientDestroy(client);
    if (vm.defaultClient !== undefined) acrnIoreqClientDestroy(vm.defaultClient);
    vm.ioreqBuf = undefined;
  },
  (emit, vm) => emit(vm.vmid),
);
