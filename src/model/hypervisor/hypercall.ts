import {
  acrnIoreqBuffer,
  acrnMsiEntry,
  acrnVmCreation,
  IOREQ_PAGE_SIZE,
  IOREQ_SLOTS,
  IoreqState,
} from "../abi/acrn.ts";
import { VIOAPIC_PINS } from "../abi/apic.ts";
import { ACRN_ASYNCIO, acrnAsyncioInfo, acrnSbufParam, SBUF_PAGE_SIZE } from "../abi/sbuf.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import type { Arena } from "../util/arena.ts";
import { EINVAL } from "../util/errno.ts";
import { readU64 } from "../util/u64.ts";
import { type AsyncioDesc, addAsyncio, initAsyncio, removeAsyncio } from "./asyncio.ts";
import { signalEvent, VcpuEvent } from "./event.ts";
import { setIoReqState } from "./ioreq-slot.ts";
import { vioapicSetIrqlineLock } from "./vioapic.ts";
import { vlapicInjectMsi } from "./vlapic-dest.ts";
import { type AcrnVm, createVm, pauseVm, resetVm, shutdownVm, startVm } from "./vm.ts";
import { VPIC_PINS, vpicSetIrqline } from "./vpic.ts";

/**
 * Guest flags acrn-dm may set: secure world, LAPIC passthrough, completion polling, RT, PMU passthrough
 * (DM_OWNED_GUEST_FLAG_MASK of a build that is not a release).
 */
const DM_OWNED_GUEST_FLAGS = 0x817;
const GUEST_FLAG_LAPIC_PASSTHROUGH = 1 << 1;
const GUEST_FLAG_RT = 1 << 4;
const VECTOR_DYNAMIC_START = 0x20;
const NR_MAX_VECTOR = 0xff;

const memoryOf = (vm: AcrnVm): Arena => vm.hypervisor.serviceVmMemory;
const isPoweroff = (vm: AcrnVm): boolean => vm.state === "powered off";
const fail = (vm: AcrnVm, message: string): number => {
  vm.hypervisor.log(1, "hypervisor", message);
  return -1;
};

/**
 * hypervisor/common/hypercall.c; as all here: `param1` is the relative VM id or an address, addresses are
 * guest-physical in the Service VM, and the result is 0 or negative.
 * -1 when the VM is not powered off, the struct is outside of memory, or flags or CPU affinity are not allowed.
 */
export const hcallCreateVm = station(
  S.hcall_create_vm,
  (vm: AcrnVm, gpa: number, _param2: number): number => {
    const { view, bytes } = memoryOf(vm);
    const { at } = acrnVmCreation;
    if (!memoryOf(vm).contains(gpa, acrnVmCreation.size) || !isPoweroff(vm)) return -1;
    const flags = view.getUint32(gpa + at.vm_flag, true) & DM_OWNED_GUEST_FLAGS;
    const affinity = readU64(view, gpa + at.cpu_affinity) || vm.cpuAffinity;
    if (affinity >= 2 ** 32 || (affinity & ~vm.cpuAffinity) !== 0) {
      return fail(vm, `Post-launched VM${vm.vmId} chooses invalid pCPUs(0x${affinity.toString(16)}).`);
    }
    if ((flags & GUEST_FLAG_LAPIC_PASSTHROUGH) !== 0 && (flags & GUEST_FLAG_RT) === 0) {
      return fail(vm, `Wrong guest flags 0x${flags.toString(16)}`);
    }
    vm.guestFlags = flags;
    const name = bytes.subarray(gpa + at.name, gpa + at.name + 16);
    vm.name = String.fromCharCode(...name).replace(/\0.*$/s, "");
    createVm(vm, affinity);
    view.setUint16(gpa + at.vmid, vm.vmId - vm.hypervisor.serviceVm.vmId, true);
    view.setUint16(gpa + at.vcpu_num, vm.createdVcpus.length, true);
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

/** Same file. -1 unless the VM is paused. */
export const hcallDestroyVm = station(
  S.hcall_destroy_vm,
  (vm: AcrnVm, _vmid: number, _param2: number): number => {
    if (vm.state !== "paused") return -1;
    shutdownVm(vm);
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

/** Same file. -1 unless the VM is created and its ioreq page is set. */
export const hcallStartVm = station(
  S.hcall_start_vm,
  (vm: AcrnVm, _vmid: number, _param2: number): number => {
    if (vm.state !== "created" || vm.sw.ioSharedPage === undefined) return -1;
    startVm(vm);
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

/** Same file. -1 when the VM is powered off. */
export const hcallPauseVm = station(
  S.hcall_pause_vm,
  (vm: AcrnVm, _vmid: number, _param2: number): number => {
    if (isPoweroff(vm)) return -1;
    pauseVm(vm);
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

/** Same file. -1 unless the VM is paused. */
export const hcallResetVm = station(
  S.hcall_reset_vm,
  (vm: AcrnVm, _vmid: number, _param2: number): number => {
    if (vm.state !== "paused") return -1;
    resetVm(vm);
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

/** Same file. -EINVAL unless 0x20 <= vector <= 0xFF. */
export const hcallSetCallbackVector = station(
  S.hcall_set_callback_vector,
  (vm: AcrnVm, vector: number, _param2: number): number => {
    if (vector > NR_MAX_VECTOR || vector < VECTOR_DYNAMIC_START) {
      fail(vm, "hcall_set_callback_vector: Invalid passed vector");
      return -EINVAL;
    }
    vm.hypervisor.hsmNotificationVector = vector;
    return 0;
  },
  (emit, _vm, vector) => emit(vector),
);

/**
 * Same file. -1 unless the VM is created and the page is inside of memory. A zeroed page reads as PENDING, so all
 * slots are set FREE here.
 */
export const hcallSetIoreqBuffer = station(
  S.hcall_set_ioreq_buffer,
  (vm: AcrnVm, _vmid: number, gpa: number): number => {
    const memory = memoryOf(vm);
    if (vm.state !== "created" || !memory.contains(gpa, acrnIoreqBuffer.size)) return -1;
    const page = readU64(memory.view, gpa);
    if (!memory.contains(page, IOREQ_PAGE_SIZE)) {
      vm.sw.ioSharedPage = undefined;
      return fail(vm, `hcall_set_ioreq_buffer,vm[${vm.vmId}] gpa 0x${page.toString(16)},GPA is unmapping.`);
    }
    vm.sw.ioSharedPage = page;
    for (let slot = 0; slot < IOREQ_SLOTS; slot++) setIoReqState(vm, slot, IoreqState.FREE);
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

/** Same file. -1 without an ioreq page, for a VM that is powered off, or a vCPU that was not created. */
export const hcallNotifyIoreqFinish = station(
  S.hcall_notify_ioreq_finish,
  (vm: AcrnVm, _vmid: number, param2: number): number => {
    const vcpuId = param2 & 0xffff;
    if (isPoweroff(vm) || vm.sw.ioSharedPage === undefined) return -1;
    if (vcpuId >= vm.createdVcpus.length) {
      return fail(vm, `hcall_notify_ioreq_finish, failed to get VCPU ${vcpuId} context from VM ${vm.vmId}`);
    }
    if (!vm.sw.isPollingIoreq) signalEvent(vm.vcpus[vcpuId].events[VcpuEvent.IOREQ]);
    return 0;
  },
  (emit, vm, _vmid, vcpu) => emit(vm.vmId, vcpu & 0xffff),
);

/** Same file. -1 when the VM is powered off, the entry is outside of memory, or the address is no MSI address. */
export const hcallInjectMsi = station(
  S.hcall_inject_msi,
  (vm: AcrnVm, _vmid: number, gpa: number): number => {
    const memory = memoryOf(vm);
    if (isPoweroff(vm) || !memory.contains(gpa, acrnMsiEntry.size)) return -1;
    const { view } = memory;
    return vlapicInjectMsi(
      vm,
      readU64(view, gpa + acrnMsiEntry.at.msi_addr),
      readU64(view, gpa + acrnMsiEntry.at.msi_data),
    );
  },
  (emit, vm, _vmid, gpa) => {
    const { view } = memoryOf(vm);
    if (memoryOf(vm).contains(gpa, acrnMsiEntry.size)) emit(vm.vmId, readU64(view, gpa), readU64(view, gpa + 8));
    else emit(vm.vmId);
  },
);

/** Same file. `ops` packs gsi (low) and operation (high 32 bits). -1 when powered off or gsi is beyond the pins. */
export const hcallSetIrqline = station(
  S.hcall_set_irqline,
  (vm: AcrnVm, _vmid: number, ops: number): number => {
    const gsi = ops >>> 0;
    const op = Math.floor(ops / 2 ** 32);
    if (isPoweroff(vm) || gsi >= VIOAPIC_PINS) return -1;
    // The 8254's line is pin 2 of the I/O APIC but pin 0 of the 8259.
    if (gsi < VPIC_PINS) vpicSetIrqline(vm, gsi === 2 ? 0 : gsi, op);
    vioapicSetIrqlineLock(vm, gsi, op);
    return 0;
  },
  (emit, _vm, _vmid, ops) => emit(ops >>> 0, Math.floor(ops / 2 ** 32)),
);

/** Same file. -1 when the struct or the ring is outside of memory, or the ring is not one this model knows. */
export const hcallSetupSbuf = station(
  S.hcall_setup_sbuf,
  (vm: AcrnVm, _vmid: number, gpa: number): number => {
    const memory = memoryOf(vm);
    if (!memory.contains(gpa, acrnSbufParam.size)) return -1;
    const id = memory.view.getUint32(gpa + acrnSbufParam.at.sbuf_id, true);
    const ring = readU64(memory.view, gpa + acrnSbufParam.at.gpa);
    if (id !== ACRN_ASYNCIO) return fail(vm, `sbuf_setup_common not support sbuf_id ${id}`);
    return memory.contains(ring, SBUF_PAGE_SIZE) ? initAsyncio(vm, ring) : -1;
  },
  (emit, vm, _vmid, gpa) => {
    const known = memoryOf(vm).contains(gpa, acrnSbufParam.size);
    emit(vm.vmId, known ? memoryOf(vm).view.getUint32(gpa + acrnSbufParam.at.sbuf_id, true) : 0);
  },
);

/** Same file. -1 only when the struct is outside of memory. */
export const hcallAsyncioAssign = station(
  S.hcall_asyncio_assign,
  (vm: AcrnVm, _vmid: number, gpa: number): number => {
    const desc = asyncioDesc(memoryOf(vm), gpa);
    if (desc === undefined) return -1;
    addAsyncio(vm, desc);
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

/** Same file. -1 only when the struct is outside of memory. */
export const hcallAsyncioDeassign = station(
  S.hcall_asyncio_deassign,
  (vm: AcrnVm, _vmid: number, gpa: number): number => {
    const desc = asyncioDesc(memoryOf(vm), gpa);
    if (desc === undefined) return -1;
    removeAsyncio(vm, desc);
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

function asyncioDesc(memory: Arena, gpa: number): AsyncioDesc | undefined {
  if (!memory.contains(gpa, acrnAsyncioInfo.size)) return undefined;
  const { view } = memory;
  const { at } = acrnAsyncioInfo;
  return {
    type: view.getUint32(gpa + at.type, true),
    addr: readU64(view, gpa + at.addr),
    fd: readU64(view, gpa + at.fd),
    matchData: view.getUint32(gpa + at.match_data, true) !== 0,
    data: readU64(view, gpa + at.data),
  };
}
