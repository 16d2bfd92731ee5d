import { IoreqType } from "../abi/acrn.ts";
import { ACRN_ASYNCIO_MAX, AsyncioType, SBUF_MAGIC, sharedBuf } from "../abi/sbuf.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { ENODEV } from "../util/errno.ts";
import { writeU64 } from "../util/u64.ts";
import { park } from "./event.ts";
import { archFireHsmInterrupt } from "./hsm-interrupt.ts";
import type { AcrnVcpu } from "./vcpu.ts";
import type { AcrnVm } from "./vm.ts";

/** `struct acrn_asyncio_info` of a registered notify address. */
export interface AsyncioDesc {
  /** {@link AsyncioType} */
  readonly type: number;
  readonly addr: number;
  /** Cookie for the Service VM. */
  readonly fd: number;
  readonly matchData: boolean;
  readonly data: number;
}

/**
 * hypervisor/dm/io_req.c. Looks at type, exact address and, unless that is off, at the data; not at direction and
 * size, so that a read of a notify address is queued too. Undefined when no ring is set up or nothing matches.
 */
export const getAsyncioDesc = station(
  S.get_asyncio_desc,
  ({ vm, req }: AcrnVcpu): AsyncioDesc | undefined => {
    if (vm.sw.asyncioSbuf === undefined || req.ioType > IoreqType.MMIO) return undefined;
    const isPio = req.ioType === IoreqType.PORTIO;
    const type = isPio ? AsyncioType.PIO : AsyncioType.MMIO;
    const value = isPio ? req.pioValue : req.mmioValue;
    const address = req.address;
    return vm.aiodescQueue.find((d) => d.addr === address && d.type === type && (!d.matchData || d.data === value));
  },
  (emit, { vcpuId, req }) =>
    emit(vcpuId, req.ioType, req.address, req.ioType === IoreqType.PORTIO ? req.pioValue : req.mmioValue),
);

/**
 * Same file. No slot, no wait for completion; but a full ring holds the vCPU until the Service VM has read from it.
 * Returns 0, or -ENODEV without a ring.
 */
export const acrnInsertAsyncio = station(
  S.acrn_insert_asyncio,
  putAsyncio,
  (emit, vcpu: AcrnVcpu, fd: number) => emit(vcpu.vcpuId, fd),
  putAsyncio,
);

function putAsyncio(vcpu: AcrnVcpu, fd: number): number {
  const { vm } = vcpu;
  if (vm.sw.asyncioSbuf === undefined) return -ENODEV;
  if (sbufPut(vm, vm.sw.asyncioSbuf, fd) === 0) return park(vcpu, "room in the asyncio ring", true);
  archFireHsmInterrupt(vcpu);
  return 0;
}

/** hypervisor/common/sbuf.c. Returns the element's size, or 0 when the ring is full (one element stays free). */
const sbufPut = station(
  S.sbuf_put,
  (vm: AcrnVm, sbuf: number, element: number): number => {
    const { view } = vm.hypervisor.serviceVmMemory;
    const { at } = sharedBuf;
    const tail = view.getUint32(sbuf + at.tail, true);
    const elementSize = view.getUint32(sbuf + at.ele_size, true);
    const next = (tail + elementSize) % view.getUint32(sbuf + at.size, true);
    if (next === view.getUint32(sbuf + at.head, true)) return 0;
    writeU64(view, sbuf + sharedBuf.size + tail, element);
    view.setUint32(sbuf + at.tail, next, true);
    return elementSize;
  },
  (emit, vm, sbuf) => {
    const { view } = vm.hypervisor.serviceVmMemory;
    emit(view.getUint32(sbuf + sharedBuf.at.head, true), view.getUint32(sbuf + sharedBuf.at.tail, true));
  },
);

/** hypervisor/dm/io_req.c. Returns 0, or -1 when the ring's magic is wrong. */
export const initAsyncio = station(
  S.init_asyncio,
  (vm: AcrnVm, sbuf: number): number => {
    if (vm.hypervisor.serviceVmMemory.view.getBigUint64(sbuf + sharedBuf.at.magic, true) !== SBUF_MAGIC) return -1;
    vm.sw.asyncioSbuf = sbuf;
    vm.aiodescQueue.length = 0;
    return 0;
  },
  (emit, vm) => emit(vm.vmId),
);

const isConflict = (a: AsyncioDesc, b: AsyncioDesc): boolean =>
  a.addr === b.addr && a.type === b.type && (!a.matchData || !b.matchData || a.data === b.data);

/** Same file. Says on the log why it does not add; its caller ignores the result. */
export const addAsyncio = station(
  S.add_asyncio,
  (vm: AcrnVm, desc: AsyncioDesc): void => {
    const { log } = vm.hypervisor;
    if (desc.addr === 0) log(1, "hypervisor", "add_asyncio: base = 0 is not supported!");
    else if (vm.aiodescQueue.some((other) => isConflict(other, desc))) {
      log(1, "hypervisor", "add_asyncio, already registered!");
    } else if (vm.aiodescQueue.length >= ACRN_ASYNCIO_MAX) {
      log(1, "hypervisor", "too much fastio, would not support!");
    } else vm.aiodescQueue.unshift(desc);
  },
  (emit, _vm, desc) => emit(desc.type, desc.addr, desc.matchData ? 1 : 0, desc.data),
);

/** Same file. Everything must be equal to what was registered. */
export const removeAsyncio = station(
  S.remove_asyncio,
  (vm: AcrnVm, desc: AsyncioDesc): void => {
    const index = vm.aiodescQueue.findIndex(
      (d) =>
        d.type === desc.type &&
        d.addr === desc.addr &&
        d.fd === desc.fd &&
        d.matchData === desc.matchData &&
        d.data === desc.data,
    );
    if (index >= 0) vm.aiodescQueue.splice(index, 1);
    else vm.hypervisor.log(1, "hypervisor", `Failed to find asyncio req on addr: ${desc.addr.toString(16)}!`);
  },
  (emit, _vm, desc) => emit(desc.type, desc.addr),
);
