import {
  DescFlag,
  VRING_AVAIL_F_NO_INTERRUPT,
  vringAvail,
  vringDesc,
  vringUsed,
  vringUsedElem,
} from "../../../../abi/virtio.ts";
import { hasFeature, VirtioFeature } from "../../../../abi/virtio-features.ts";
import { station } from "../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../chain/stations/device-model.ts";
import { readU64 } from "../../../../util/u64.ts";
import { prErr } from "../../../core/log.ts";
import { NULL, paddrGuest2host } from "../../../core/vmmapi.ts";
import { vqInterrupt } from "./interrupt.ts";
import type { VirtioVqInfo } from "./virtqueue.ts";
import { type VqFault, vqFaultMessage } from "./vq-fault.ts";

/** Split virtqueues, for every device (devicemodel/hw/pci/virtio/virtio.c, devicemodel/include/virtio.h). */

/** Longest chain acrn-dm follows. */
export const VQ_MAX_DESCRIPTORS = 512;

/** One buffer of a chain, where guest and device share it. */
export interface Iovec {
  /** Guest-physical address. */
  address: number;
  bytes: Uint8Array;
}

/** A chain taken from the available ring; reused from one to the next. */
export interface DescChain {
  /** Head, as it goes back in the used ring. */
  idx: number;
  /** Buffers in use. */
  count: number;
  /** As many as the device can take. */
  readonly iov: readonly Iovec[];
}

/** Room for chains of up to `buffers` buffers. */
export function newDescChain(buffers: number): DescChain {
  return { idx: 0, count: 0, iov: Array.from({ length: buffers }, () => ({ address: 0, bytes: new Uint8Array(0) })) };
}

const availIdx = (vq: VirtioVqInfo): number => vq.memory.view.getUint16(vq.avail + vringAvail.at.idx, true);
const usedIdx = (vq: VirtioVqInfo): number => vq.memory.view.getUint16(vq.used + vringUsed.at.idx, true);

/** The guest has given the queue its memory, and not reset the device since. */
export const vqRingReady = (vq: VirtioVqInfo): boolean => vq.allocated;

/** Whether a chain is available. An available index too far ahead is reported and counts as none. */
export const vqHasDescs = station(
  stations.vq_has_descs,
  (vq: VirtioVqInfo): boolean => {
    if (!vqRingReady(vq)) return false;
    const ahead = (availIdx(vq) - vq.lastAvail) & 0xffff;
    if (ahead <= vq.qsize) return ahead !== 0;
    bad(vq, { kind: "availAhead", by: "vq_has_descs", ahead, limit: vq.qsize });
    return false;
  },
  (emit, vq) => emit(vq.num, vq.lastAvail, vq.allocated ? availIdx(vq) : 0),
);

/**
 * Takes the next chain. Returns its number of buffers, 0 when none is available, -1 for a malformed one: the reason is
 * in the log and told as a fault, and the chain is consumed although it never reaches the used ring. More buffers than
 * `chain` has room for are malformed too. Whether a buffer is for reading or writing is not looked at.
 */
export const vqGetchain = station(
  stations.vq_getchain,
  (vq: VirtioVqInfo, chain: DescChain): number => {
    const ndesc = (availIdx(vq) - vq.lastAvail) & 0xffff;
    if (ndesc === 0) return 0;
    if (ndesc > vq.qsize) return bad(vq, { kind: "availAhead", by: "vq_getchain", ahead: ndesc, limit: vq.qsize });
    const slot = vq.lastAvail & (vq.qsize - 1);
    chain.idx = vq.memory.view.getUint16(vq.avail + vringAvail.at.ring + 2 * slot, true);
    chain.count = 0;
    vq.lastAvail = (vq.lastAvail + 1) & 0xffff;
    return walk(vq, chain);
  },
  (emit, vq) => emit(vq.num, vq.lastAvail),
);

/** Says what is wrong, in acrn-dm's words and as a value. */
function bad(vq: VirtioVqInfo, fault: VqFault): -1 {
  const { base } = vq;
  prErr(base, vqFaultMessage(base.vops.name, fault));
  base.vmctx.onVqFault?.(vq, fault);
  return -1;
}

function walk(vq: VirtioVqInfo, chain: DescChain): number {
  const { view } = vq.memory;
  let index = chain.idx;
  let after: number | undefined;
  while (chain.count < VQ_MAX_DESCRIPTORS) {
    if (index >= vq.qsize) return bad(vq, { kind: "index", index, after, limit: vq.qsize });
    const desc = vq.desc + index * vringDesc.size;
    const flags = view.getUint16(desc + vringDesc.at.flags, true);
    const failed =
      (flags & DescFlag.INDIRECT) === 0 ? record(vq, chain, desc, index) : walkIndirect(vq, chain, desc, index);
    if (failed !== 0) return failed;
    if ((flags & DescFlag.NEXT) === 0) return chain.count;
    after = index;
    index = view.getUint16(desc + vringDesc.at.next, true);
  }
  return bad(vq, { kind: "loop", count: chain.count, limit: VQ_MAX_DESCRIPTORS });
}

/** The descriptors of the indirect table that `descriptor`, which lies at `desc`, names; indirect ones must be offered. 0 or -1. */
function walkIndirect(vq: VirtioVqInfo, chain: DescChain, desc: number, descriptor: number): 0 | -1 {
  const { base } = vq;
  const { view } = vq.memory;
  if (!hasFeature(base.deviceCaps, VirtioFeature.RING_INDIRECT_DESC)) {
    return bad(vq, { kind: "indirectNotOffered", descriptor });
  }
  const length = view.getUint32(desc + vringDesc.at.len, true);
  if (length % vringDesc.size !== 0 || length === 0) return bad(vq, { kind: "indirectLength", descriptor, length });
  const table = paddrGuest2host(base.vmctx, readU64(view, desc + vringDesc.at.addr), length);
  if (table === NULL) return bad(vq, { kind: "indirectOutsideRam", descriptor, ...memoryOf(vq, desc) });
  const limit = length / vringDesc.size;
  for (let entry = 0; ; ) {
    const at = table + entry * vringDesc.size;
    const flags = view.getUint16(at + vringDesc.at.flags, true);
    if ((flags & DescFlag.INDIRECT) !== 0) return bad(vq, { kind: "indirectNested", descriptor, entry });
    if (record(vq, chain, at, descriptor, entry) !== 0) return -1;
    if (chain.count > VQ_MAX_DESCRIPTORS) {
      return bad(vq, { kind: "loop", count: chain.count, limit: VQ_MAX_DESCRIPTORS });
    }
    if ((flags & DescFlag.NEXT) === 0) return 0;
    const next = view.getUint16(at + vringDesc.at.next, true);
    if (next >= limit) return bad(vq, { kind: "indirectNext", descriptor, entry, next, limit });
    entry = next;
  }
}

/** What the descriptor at `desc` says of memory, exactly. */
function memoryOf({ base, memory }: VirtioVqInfo, desc: number) {
  const address = memory.view.getBigUint64(desc + vringDesc.at.addr, true);
  return { address, length: memory.view.getUint32(desc + vringDesc.at.len, true), limit: base.vmctx.lowmem };
}

/** Adds a descriptor's buffer to the chain. -1 when the room is used up or the buffer is not inside RAM. */
function record(vq: VirtioVqInfo, chain: DescChain, desc: number, descriptor: number, entry?: number): 0 | -1 {
  const { view, bytes } = vq.memory;
  const iov = chain.iov[chain.count];
  if (iov === undefined) return bad(vq, { kind: "tooManyBuffers", descriptor, entry, limit: chain.iov.length });
  const len = view.getUint32(desc + vringDesc.at.len, true);
  const address = readU64(view, desc + vringDesc.at.addr);
  const host = paddrGuest2host(vq.base.vmctx, address, len);
  if (host === NULL) {
    const kind = address < vq.base.vmctx.lowmem ? "lengthBeyondRam" : "addressOutsideRam";
    return bad(vq, { kind, descriptor, entry, ...memoryOf(vq, desc) });
  }
  iov.address = host;
  iov.bytes = bytes.subarray(host, host + len);
  chain.count++;
  return 0;
}

/** Gives the chain taken last back to the available ring. */
export const vqRetchain = station(
  stations.vq_retchain,
  (vq: VirtioVqInfo): void => {
    vq.lastAvail = (vq.lastAvail - 1) & 0xffff;
  },
  (emit, vq) => emit(vq.num, vq.lastAvail),
);

/** Returns a chain to the guest: `len` bytes were written into it. */
export const vqRelchain = station(
  stations.vq_relchain,
  (vq: VirtioVqInfo, idx: number, len: number): void => {
    const { view } = vq.memory;
    const uidx = usedIdx(vq);
    const elem = vq.used + vringUsed.at.ring + (uidx & (vq.qsize - 1)) * vringUsedElem.size;
    view.setUint32(elem + vringUsedElem.at.id, idx, true);
    view.setUint32(elem + vringUsedElem.at.len, len, true);
    view.setUint16(vq.used + vringUsed.at.idx, uidx + 1, true);
  },
  (emit, vq, idx, len) => emit(vq.num, idx, len, usedIdx(vq)),
);

/**
 * Ends a round of chains: interrupts the guest if it wants that. `usedAllAvail` tells that the device stopped because
 * nothing was left. Without rings nothing happens.
 */
export const vqEndchains = station(
  stations.vq_endchains,
  (vq: VirtioVqInfo, usedAllAvail: boolean): void => {
    if (vq.used === NULL) return;
    const before = vq.saveUsed;
    const now = usedIdx(vq);
    vq.saveUsed = now;
    if (wantsInterrupt(vq, before, now, usedAllAvail)) vqInterrupt(vq.base, vq);
  },
  (emit, vq, usedAllAvail) => emit(vq.num, vq.saveUsed, vq.used === NULL ? 0 : usedIdx(vq), usedAllAvail ? 1 : 0),
);

function wantsInterrupt(vq: VirtioVqInfo, before: number, now: number, usedAllAvail: boolean): boolean {
  const { view } = vq.memory;
  const features = vq.base.negotiatedCaps;
  if (usedAllAvail && hasFeature(features, VirtioFeature.NOTIFY_ON_EMPTY)) return true;
  if (hasFeature(features, VirtioFeature.RING_EVENT_IDX)) {
    const event = view.getUint16(vq.avail + vringAvail.at.ring + 2 * vq.qsize, true);
    return ((now - event - 1) & 0xffff) < ((now - before) & 0xffff);
  }
  const flags = view.getUint16(vq.avail + vringAvail.at.flags, true);
  return now !== before && (flags & VRING_AVAIL_F_NO_INTERRUPT) === 0;
}
