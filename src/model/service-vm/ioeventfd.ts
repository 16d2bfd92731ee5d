import { acrnIoeventfd, acrnIoRequest, IoeventfdFlag, IoreqDirection, IoreqType } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { EEXIST, EINVAL } from "../util/errno.ts";
import { readU64, writeU64 } from "../util/u64.ts";
import { acrnIoeventfdAsyncioConfig } from "./asyncio.ts";
import { eventfdSignal } from "./eventfd.ts";
import { acrnIoreqClientCreate, acrnIoreqClientDestroy, acrnIoreqRangeAdd, acrnIoreqRangeDel } from "./ioreq-client.ts";
import type { AcrnIoreqClient, AcrnVm, HsmIoeventfd } from "./vm-state.ts";

const { at } = acrnIoRequest;
const U64 = 2 ** 64;

/** `struct acrn_ioeventfd`, its reserved field checked. */
export interface IoeventfdArgs {
  readonly fd: number;
  readonly flags: number;
  readonly addr: number;
  readonly len: number;
  readonly data: number;
}

/** Reads the ioctl's argument; undefined when its reserved field is not 0. */
export function readIoeventfdArgs(view: DataView, address: number): IoeventfdArgs | undefined {
  const layout = acrnIoeventfd.at;
  if (view.getUint32(address + layout.reserved, true) !== 0) return undefined;
  return {
    fd: view.getUint32(address + layout.fd, true),
    flags: view.getUint32(address + layout.flags, true),
    addr: readU64(view, address + layout.addr),
    len: view.getUint32(address + layout.len, true),
    data: readU64(view, address + layout.data),
  };
}

/** drivers/virt/acrn/ioeventfd.c. -EINVAL when the client cannot be created; the VM goes on without. */
export const acrnIoeventfdInit = station(
  S.acrn_ioeventfd_init,
  (vm: AcrnVm): number => {
    vm.ioeventfdClient = acrnIoreqClientCreate(vm, acrnIoeventfdHandler, false, `ioeventfd-${vm.vmid}`);
    return vm.ioeventfdClient === undefined ? -EINVAL : 0;
  },
  (emit, vm) => emit(vm.vmid),
);

/** Same file. */
export const acrnIoeventfdDeinit = station(
  S.acrn_ioeventfd_deinit,
  (vm: AcrnVm): void => {
    if (vm.ioeventfdClient !== undefined) acrnIoreqClientDestroy(vm.ioeventfdClient);
    vm.ioeventfdClient = undefined;
    vm.ioeventfds.length = 0;
  },
  (emit, vm) => emit(vm.vmid),
);

/** Same file. Mainline does not know the ASYNCIO flag and ignores it. */
export const acrnIoeventfdConfig = station(
  S.acrn_ioeventfd_config,
  (vm: AcrnVm, args: IoeventfdArgs): number => {
    if (vm.kernel.asyncio && (args.flags & IoeventfdFlag.ASYNCIO) !== 0) return acrnIoeventfdAsyncioConfig(vm, args);
    return (args.flags & IoeventfdFlag.DEASSIGN) !== 0
      ? acrnIoeventfdDeassign(vm, args.fd)
      : acrnIoeventfdAssign(vm, args);
  },
  (emit, _vm, { fd, flags, addr, len, data }) => emit(fd, flags, addr, len, data),
);

/**
 * Same file. -EINVAL: address wraps, or the length is not 1, 2, 4 or 8, or the fd is no eventfd; -EBADF: no such fd;
 * -EEXIST: this eventfd is bound to this address already, and either side takes any data or both the same.
 */
const acrnIoeventfdAssign = station(
  S.acrn_ioeventfd_assign,
  (vm: AcrnVm, { fd, flags, addr, len, data }: IoeventfdArgs): number => {
    if (addr + len >= U64) return -EINVAL;
    if (len !== 1 && len !== 2 && len !== 4 && len !== 8) return -EINVAL;
    const eventfd = vm.kernel.eventfdCtxFdget(fd);
    if (typeof eventfd === "number") return eventfd;
    const type = (flags & IoeventfdFlag.PIO) !== 0 ? IoreqType.PORTIO : IoreqType.MMIO;
    const wildcard = (flags & IoeventfdFlag.DATAMATCH) === 0;
    const entry = { eventfd, addr, data: wildcard ? 0 : data, length: len, type, wildcard };
    if (vm.ioeventfds.some((other) => isConflict(other, entry))) return -EEXIST;
    if (vm.ioeventfdClient === undefined) return -EINVAL;
    const status = acrnIoreqRangeAdd(vm.ioeventfdClient, type, addr, addr + len - 1);
    if (status === 0) vm.ioeventfds.push(entry);
    return status;
  },
  (emit, _vm, { fd, flags, addr, len, data }) => emit(fd, flags, addr, len, data),
);

/** `hsm_ioeventfd_is_conflict`: two eventfds may be bound to the same address, one eventfd not twice. */
const isConflict = (a: HsmIoeventfd, b: HsmIoeventfd): boolean =>
  a.eventfd === b.eventfd && a.addr === b.addr && a.type === b.type && (a.wildcard || b.wildcard || a.data === b.data);

/** Same file. Removes the first binding of the eventfd; 0 also when there is none. */
const acrnIoeventfdDeassign = station(
  S.acrn_ioeventfd_deassign,
  (vm: AcrnVm, fd: number): number => {
    const eventfd = vm.kernel.eventfdCtxFdget(fd);
    if (typeof eventfd === "number") return eventfd;
    const index = vm.ioeventfds.findIndex((entry) => entry.eventfd === eventfd);
    if (index < 0) return 0;
    const [{ type, addr, length }] = vm.ioeventfds.splice(index, 1);
    if (vm.ioeventfdClient !== undefined) acrnIoreqRangeDel(vm.ioeventfdClient, type, addr, addr + length - 1);
    return 0;
  },
  (emit, _vm, fd) => emit(fd),
);

/**
 * Same file: handler of the ioeventfd client. Always 0: a read is answered with 0, and a write that matches nothing is
 * done with all the same, its kick lost.
 */
export const acrnIoeventfdHandler = station(
  S.acrn_ioeventfd_handler,
  (client: AcrnIoreqClient, slot: number): number => {
    const { view } = client.vm.kernel.memory;
    const type = view.getUint32(slot + at.type, true);
    if (view.getUint32(slot + at.direction, true) === IoreqDirection.READ) {
      if (type === IoreqType.MMIO) writeU64(view, slot + at.value, 0);
      else view.setUint32(slot + at.value, 0, true);
      return 0;
    }
    const entry = hsmIoeventfdMatch(client.vm, slot);
    if (entry !== undefined) eventfdSignal(entry.eventfd);
    return 0;
  },
  (emit, { vm }, slot) => {
    const { view } = vm.kernel.memory;
    const request = requestAt(view, slot);
    emit(request.type, view.getUint32(slot + at.direction, true), request.address, request.size, request.value);
  },
);

/** Same file. The first match in the order of registration. */
const hsmIoeventfdMatch = station(
  S.hsm_ioeventfd_match,
  (vm: AcrnVm, slot: number): HsmIoeventfd | undefined => {
    const { type, address, size, value } = requestAt(vm.kernel.memory.view, slot);
    return vm.ioeventfds.find(
      (p) => p.type === type && p.addr === address && p.length >= size && (p.wildcard || p.data === value),
    );
  },
  (emit, vm, slot) => {
    const { type, address, size, value } = requestAt(vm.kernel.memory.view, slot);
    emit(address, value, size, type);
  },
);

function requestAt(view: DataView, slot: number) {
  const type = view.getUint32(slot + at.type, true);
  return {
    type,
    address: readU64(view, slot + at.address),
    size: readU64(view, slot + at.size),
    value: type === IoreqType.MMIO ? readU64(view, slot + at.value) : view.getUint32(slot + at.value, true),
  };
}
