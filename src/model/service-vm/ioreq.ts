import { acrnIoRequest, IoreqDirection, IoreqState, IoreqType } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { EINVAL } from "../util/errno.ts";
import { readU64 } from "../util/u64.ts";
import { acrnSetupIntrHandler } from "./acrn.ts";
import { acrnAsyncioDispatch } from "./asyncio.ts";
import { ioreqCompleteRequest } from "./ioreq-complete.ts";
import type { ServiceVm } from "./service-vm.ts";
import type { AcrnIoreqClient, AcrnIoreqRange, AcrnVm } from "./vm-state.ts";
import { Workqueue } from "./workqueue.ts";

const { at } = acrnIoRequest;
const PCI_CONFIG_ADDR = 0xcf8;
const PCI_CONFIG_DATA = 0xcfc;
const CONF1_ENABLE = 0x80000000;

/** drivers/virt/acrn/ioreq.c. The workqueue is ordered: one dispatcher at a time serves all VMs. Returns 0. */
export const acrnIoreqIntrSetup = station(S.acrn_ioreq_intr_setup, (kernel: ServiceVm): number => {
  acrnSetupIntrHandler(kernel, ioreqIntrHandler);
  kernel.ioreqWq = new Workqueue(kernel.chain, "ioreq_wq");
  return 0;
});

/** Same file. Upcalls that come before the dispatcher has begun merge into one. */
export const ioreqIntrHandler = station(S.ioreq_intr_handler, (kernel: ServiceVm): void => {
  kernel.ioreqWq?.queueWork(kernel.ioreqWork);
});

/** Same file. A VM without an ioreq page ends the walk, also for those after it in the list. */
export const ioreqDispatcher = station(S.ioreq_dispatcher, (kernel: ServiceVm): void => {
  for (const vm of kernel.vmList) {
    if (vm.asyncioSbuf !== undefined) acrnAsyncioDispatch(vm, vm.asyncioSbuf);
    if (vm.ioreqBuf === undefined) break;
    acrnIoreqDispatch(vm);
  }
});

/**
 * Same file. Gives each PENDING request to a client, in the order of the vCPUs. -EINVAL when one finds no client:
 * it stays PENDING, and it and those after it wait for the next upcall.
 */
const acrnIoreqDispatch = station(
  S.acrn_ioreq_dispatch,
  (vm: AcrnVm): number => {
    const { view } = vm.kernel.memory;
    for (let vcpu = 0; vcpu < vm.vcpuNum; vcpu++) {
      const slot = vm.slot(vcpu);
      if (view.getUint32(slot + at.processed, true) !== IoreqState.PENDING) continue;
      if (vm.clearingIoreq) {
        ioreqCompleteRequest(vm, vcpu);
        continue;
      }
      if (handleCf8cfc(vm, vcpu)) continue;
      const client = findIoreqClient(vm, slot);
      if (client === undefined) {
        vm.kernel.log(1, "hsm", "Failed to find ioreq client!");
        return -EINVAL;
      }
      view.setUint32(slot + at.kernel_handled, client.isDefault ? 0 : 1, true);
      view.setUint32(slot + at.processed, IoreqState.PROCESSING, true);
      client.ioreqsMap |= 1 << vcpu;
      client.wq.wakeUp(vm.chain, "wakeUpInterruptible");
    }
    return 0;
  },
  (emit, vm) => emit(vm.vmid, pendingSlots(vm)),
);

/** Bitmap of the slots in state PENDING. */
function pendingSlots(vm: AcrnVm): number {
  let pending = 0;
  for (let vcpu = 0; vcpu < vm.vcpuNum; vcpu++) {
    if (vm.slotField(vcpu, at.processed) === IoreqState.PENDING) pending |= 1 << vcpu;
  }
  return pending;
}

/**
 * Same file. True when the request is complete: accesses to 0xCF8, and to the data ports while no address is enabled.
 * Other data accesses become PCICFG requests in place and go on to a client.
 */
const handleCf8cfc = station(
  S.handle_cf8cfc,
  (vm: AcrnVm, vcpu: number): boolean => {
    const { view } = vm.kernel.memory;
    const slot = vm.slot(vcpu);
    if (view.getUint32(slot + at.type, true) !== IoreqType.PORTIO) return false;
    const port = readU64(view, slot + at.address);
    const isRead = view.getUint32(slot + at.direction, true) === IoreqDirection.READ;
    if (port === PCI_CONFIG_ADDR) {
      if (isRead) view.setUint32(slot + at.value, vm.pciConfAddr, true);
      else vm.pciConfAddr = view.getUint32(slot + at.value, true);
    } else if (port >= PCI_CONFIG_DATA && port < PCI_CONFIG_DATA + 4) {
      if ((vm.pciConfAddr & CONF1_ENABLE) !== 0) {
        becomePciCfg(view, slot, vm.pciConfAddr, port - PCI_CONFIG_DATA);
        return false;
      }
      if (isRead) view.setUint32(slot + at.value, 0xffffffff, true);
    } else {
      return false;
    }
    ioreqCompleteRequest(vm, vcpu);
    return true;
  },
  (emit, vm, vcpu) => {
    const address = readU64(vm.kernel.memory.view, vm.slot(vcpu) + at.address);
    emit(vcpu, vm.slotField(vcpu, at.type), address, vm.pciConfAddr);
  },
);

function becomePciCfg(view: DataView, slot: number, address: number, offset: number): void {
  view.setUint32(slot + at.type, IoreqType.PCICFG, true);
  view.setInt32(slot + at.pci_bus, (address >>> 16) & 0xff, true);
  view.setInt32(slot + at.pci_dev, (address >>> 11) & 0x1f, true);
  view.setInt32(slot + at.pci_func, (address >>> 8) & 7, true);
  view.setInt32(slot + at.pci_reg, (address & 0xfc) + ((address >>> 16) & 0xf00) + offset, true);
}

/** Same file. The range alone decides, so reads and data that nobody matches go to the client of the range too. */
const findIoreqClient = station(
  S.find_ioreq_client,
  (vm: AcrnVm, slot: number): AcrnIoreqClient | undefined => clientOf(vm, slot),
  (emit, vm, slot) => {
    const { view } = vm.kernel.memory;
    const address = readU64(view, slot + at.address);
    const isDefault = clientOf(vm, slot)?.isDefault === true ? 1 : 0;
    emit(view.getUint32(slot + at.type, true), address, readU64(view, slot + at.size), isDefault);
  },
);

function clientOf(vm: AcrnVm, slot: number): AcrnIoreqClient | undefined {
  const { view } = vm.kernel.memory;
  const type = view.getUint32(slot + at.type, true);
  const start = readU64(view, slot + at.address);
  const end = start + readU64(view, slot + at.size) - 1;
  if (type === IoreqType.MMIO || type === IoreqType.PORTIO) {
    for (const client of vm.ioreqClients) {
      for (const range of client.rangeList) if (inRange(range, type, start, end)) return client;
    }
  }
  return vm.defaultClient;
}

/** `in_range`: the whole access lies in the range. */
const inRange = (range: AcrnIoreqRange, type: number, start: number, end: number): boolean =>
  range.type === type && start >= range.start && end <= range.end;
