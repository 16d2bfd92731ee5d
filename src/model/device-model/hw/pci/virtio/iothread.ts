import { IoeventfdFlag } from "../../../../abi/acrn.ts";
import { station } from "../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../chain/stations/device-model.ts";
import { type IothreadMevent, iothreadAdd, iothreadDel } from "../../../core/iothread.ts";
import { hex, prErr, prInfo } from "../../../core/log.ts";
import { vmIoeventfd } from "../../../core/vmmapi.ts";
import type { VirtioBase } from "./base.ts";
import type { NotifyAddress } from "./transport/transport.ts";
import type { VirtioIothread, VirtioVqInfo } from "./virtqueue.ts";

/** Kicks that reach an iothread through an eventfd (devicemodel/hw/pci/virtio/virtio.c). */

/** A queue's eventfd is readable: clears it and runs the queue's notify. */
export const iothreadHandler = station(
  stations.iothread_handler,
  (viothrd: VirtioIothread): void => {
    const { vq } = viothrd;
    if ((viothrd.kickFd?.read() ?? -1) < 0) {
      prErr(vq.base, "iothread_handler: eventfd_read fails");
      return;
    }
    viothrd.iothreadRun?.(vq.base, vq);
  },
  (emit, viothrd) => emit(viothrd.vq.num),
);

/**
 * Registers or unregisters the kicks of all queues, used by the guest or not. At the first queue that is in the wanted
 * state already the whole function returns: what follows is left alone.
 */
export const virtioSetIothread = station(
  stations.virtio_set_iothread,
  (base: VirtioBase, isRegister: boolean): void => {
    for (const vq of base.queues) {
      if (vq.viothrd.ioeventStarted === isRegister) return;
      if (isRegister) register(base, vq);
      else unregister(base, vq);
    }
  },
  (emit, _base, isRegister) => emit(isRegister ? 1 : 0),
);

/** The iothread prefers the device's `qnotify`; a register write prefers the queue's own notify. */
function register(base: VirtioBase, vq: VirtioVqInfo): void {
  const { viothrd } = vq;
  const kickFd = base.vmctx.kernel.eventfd();
  viothrd.kickFd = kickFd;
  viothrd.iothreadRun = base.vops.qnotify ?? vq.notify;
  viothrd.iomvt = { run: iothreadHandler, arg: viothrd } as IothreadMevent;
  if (iothreadAdd(base.vmctx, viothrd.ioctx, kickFd, viothrd.iomvt) !== 0) return;
  if (virtioRegisterIoeventfd(base, vq.num, true, kickFd.fd) === 0) viothrd.ioeventStarted = true;
}

function unregister(base: VirtioBase, vq: VirtioVqInfo): void {
  const { viothrd } = vq;
  const { kickFd } = viothrd;
  if (kickFd === undefined || virtioRegisterIoeventfd(base, vq.num, false, kickFd.fd) !== 0) return;
  if (iothreadDel(base.vmctx, viothrd.ioctx, kickFd) !== 0) return;
  viothrd.ioeventStarted = false;
  kickFd.close();
  viothrd.kickFd = undefined;
}

function notifyAddress(base: VirtioBase, queue: number): NotifyAddress {
  if (base.transport !== undefined) return base.transport.notifyAddress(base, queue);
  throw new Error(`${base.vops.name}: no transport has been set, so queue ${queue} has no notify address`);
}

/**
 * Asks the kernel to signal `fd` when the guest kicks the queue, at the transport's notify address. The address is the
 * BAR's at this moment; a BAR that moves later is not followed. -1 when the kernel refuses.
 */
const virtioRegisterIoeventfd = station(
  stations.virtio_register_ioeventfd,
  (base: VirtioBase, idx: number, isRegister: boolean, fd: number): number => {
    const { space, address: addr, length: len, data } = notifyAddress(base, idx);
    let flags = (space === "IO" ? IoeventfdFlag.PIO : 0) | (data === undefined ? 0 : IoeventfdFlag.DATAMATCH);
    if (!isRegister) flags |= IoeventfdFlag.DEASSIGN;
    if (base.iothread) flags |= IoeventfdFlag.ASYNCIO;
    const what = `[ioeventfd: ${fd}][${hex(addr)}@${len}]`;
    prInfo(base, isRegister ? `${what}[flags: ${hex(flags)}][data: ${hex(data ?? 0)}]` : `${what} unregister`);
    const error = vmIoeventfd(base.vmctx, { fd, flags, addr, len, data: data ?? 0 });
    if (error >= 0) return 0;
    prErr(base, `vm_ioeventfd failed rc = -1, errno = ${-error}`);
    return -1;
  },
  (emit, base, idx, isRegister, fd) => emit(idx, isRegister ? 1 : 0, fd, notifyAddress(base, idx).address),
);
