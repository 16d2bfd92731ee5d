import { Hypercall, IoeventfdFlag } from "../abi/acrn.ts";
import {
  ACRN_ASYNCIO,
  AsyncioType,
  acrnAsyncioInfo,
  acrnSbufParam,
  SBUF_MAGIC,
  SBUF_PAGE_SIZE,
  sharedBuf,
} from "../abi/sbuf.ts";
import { station } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { EEXIST, EFAULT, EINVAL, ENODEV } from "../util/errno.ts";
import { readU64, writeU64 } from "../util/u64.ts";
import { eventfdSignal } from "./eventfd.ts";
import type { IoeventfdArgs } from "./ioeventfd.ts";
import type { AcrnVm } from "./vm-state.ts";

/** Only the ACRN kernel has what is here; mainline Linux has no asyncio. */

const ACRN_INVALID_CPUID = 0xffff;

/**
 * drivers/virt/acrn/ioreq.c of the ACRN kernel. -EEXIST when the VM has a ring, -EFAULT when the page cannot be
 * pinned, -EINVAL when magic or size are wrong, or what the hypercall returns.
 */
export const acrnAsyncioSetup = station(
  S.acrn_asyncio_setup,
  (vm: AcrnVm, page: number): number => {
    const { memory, log } = vm.kernel;
    if (vm.asyncioSbuf !== undefined) return -EEXIST;
    if (!memory.contains(page, SBUF_PAGE_SIZE)) {
      log(1, "hsm", "Failed to pin asyncio page!");
      return -EFAULT;
    }
    const magic = memory.view.getBigUint64(page + sharedBuf.at.magic, true);
    const size = memory.view.getUint32(page + sharedBuf.at.size, true);
    if (magic !== SBUF_MAGIC || size + sharedBuf.size > SBUF_PAGE_SIZE) {
      log(1, "hsm", "MAGIC is not correct or size is too large!");
      return -EINVAL;
    }
    const status = acrnSbufSetup(vm, ACRN_ASYNCIO, page);
    if (status >= 0) vm.asyncioSbuf = page;
    return status;
  },
  (emit, vm, page) => emit(vm.vmid, page),
);

/** drivers/virt/acrn/sbuf.c of the ACRN kernel. */
const acrnSbufSetup = station(
  S.acrn_sbuf_setup,
  (vm: AcrnVm, id: number, address: number): number => {
    const { memory, hypercalls, scratch } = vm.kernel;
    const { at } = acrnSbufParam;
    memory.bytes.fill(0, scratch, scratch + acrnSbufParam.size);
    memory.view.setUint16(scratch + at.cpu_id, ACRN_INVALID_CPUID, true);
    memory.view.setUint32(scratch + at.sbuf_id, id, true);
    writeU64(memory.view, scratch + at.gpa, address);
    return hypercalls.vmcall(Hypercall.HC_SETUP_SBUF, vm.vmid, scratch);
  },
  (emit, vm, id, address) => emit(vm.vmid, id, address),
);

/**
 * drivers/virt/acrn/ioeventfd.c of the ACRN kernel, taken instead of the classic registration: no range, no
 * hsm_ioeventfd. -ENODEV without a ring, errors of the fd, or what the hypercall returns, which is 0 even when the
 * hypervisor could not register it.
 */
export const acrnIoeventfdAsyncioConfig = station(
  S.acrn_ioeventfd_asyncio_config,
  (vm: AcrnVm, args: IoeventfdArgs): number => {
    const { memory, hypercalls, scratch } = vm.kernel;
    if (vm.asyncioSbuf === undefined) return -ENODEV;
    const eventfd = vm.kernel.eventfdCtxFdget(args.fd);
    if (typeof eventfd === "number") return eventfd;
    const { at } = acrnAsyncioInfo;
    const { view } = memory;
    view.setUint32(
      scratch + at.type,
      (args.flags & IoeventfdFlag.PIO) !== 0 ? AsyncioType.PIO : AsyncioType.MMIO,
      true,
    );
    view.setUint32(scratch + at.match_data, (args.flags & IoeventfdFlag.DATAMATCH) !== 0 ? 1 : 0, true);
    writeU64(view, scratch + at.addr, args.addr);
    writeU64(view, scratch + at.fd, eventfd.address);
    writeU64(view, scratch + at.data, args.data);
    const remove = (args.flags & IoeventfdFlag.DEASSIGN) !== 0;
    const id = remove ? Hypercall.HC_ASYNCIO_DEASSIGN : Hypercall.HC_ASYNCIO_ASSIGN;
    return hypercalls.vmcall(id, vm.vmid, scratch);
  },
  (emit, _vm, { fd, flags, addr, len, data }) => emit(fd, flags, addr, len, data),
);

/** drivers/virt/acrn/ioreq.c of the ACRN kernel. Each element is the address of an eventfd context. */
export const acrnAsyncioDispatch = station(
  S.acrn_asyncio_dispatch,
  (vm: AcrnVm, sbuf: number): void => {
    const { view } = vm.kernel.memory;
    const { at, size: headSize } = sharedBuf;
    for (;;) {
      const head = view.getUint32(sbuf + at.head, true);
      if (head === view.getUint32(sbuf + at.tail, true)) return;
      const eventfd = vm.kernel.eventfdContexts.get(readU64(view, sbuf + headSize + head));
      if (eventfd !== undefined) eventfdSignal(eventfd);
      const next = head + view.getUint32(sbuf + at.ele_size, true);
      view.setUint32(sbuf + at.head, next % view.getUint32(sbuf + at.size, true), true);
    }
  },
  (emit, vm, sbuf) => {
    const { view } = vm.kernel.memory;
    emit(vm.vmid, view.getUint32(sbuf + sharedBuf.at.head, true), view.getUint32(sbuf + sharedBuf.at.tail, true));
  },
);
