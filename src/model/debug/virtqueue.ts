import { vringAvail, vringDesc, vringUsed, vringUsedElem } from "../abi/virtio.ts";
import { hasFeature, VirtioFeature } from "../abi/virtio-features.ts";
import { virtioOf } from "../device-model/hw/pci/virtio/base.ts";
import { followChain } from "../device-model/hw/pci/virtio/chain-buffers.ts";
import type { VirtioVqInfo } from "../device-model/hw/pci/virtio/virtqueue.ts";
import { toHex } from "../inspect/format.ts";
import { type ChainRecord, MAX_BUFFERS, type VirtqueueRecord, type VirtqueueRequest } from "../protocol/virtqueue.ts";
import { DebugError, type DebugTarget } from "./target.ts";
import { purposeOf } from "./terminals.ts";

/** A virtqueue with its rings. Reads only. Throws DebugError when there is no such queue. */
export function virtqueue({ deviceModel }: DebugTarget, { slot, queue }: VirtqueueRequest): VirtqueueRecord {
  const dev = deviceModel?.devices.find(
    (candidate) => candidate.bus === 0 && candidate.slot === slot && virtioOf(candidate),
  );
  const base = dev === undefined ? undefined : virtioOf(dev);
  if (dev === undefined || base === undefined) throw new DebugError(`there is no virtio device in slot ${slot}`);
  const vq = base.queues[queue];
  if (vq === undefined) {
    throw new DebugError(`the device in slot ${slot} has no queue ${queue}; it has 0 to ${base.queues.length - 1}`);
  }
  const rings = ringsOf(vq);
  return {
    slot,
    queue,
    device: dev.name,
    ...purposeOf(vq),
    size: vq.qsize,
    ready: vq.allocated,
    lastAvail: vq.lastAvail,
    saveUsed: vq.saveUsed,
    msixVector: vq.msixIdx,
    ioeventfd: vq.viothrd.ioeventStarted,
    eventIdx: hasFeature(base.negotiatedCaps, VirtioFeature.RING_EVENT_IDX),
    ...(rings === undefined ? {} : { rings }),
    ...chainsOf(vq, rings),
  };
}

type Rings = NonNullable<VirtqueueRecord["rings"]>;

function ringsOf(vq: VirtioVqInfo): Rings | undefined {
  const { qsize, desc, avail, used } = vq;
  const { view, size } = vq.memory;
  const inRam = (at: number, bytes: number): boolean => at >= 0 && at + bytes <= size;
  // The rings end with used_event and avail_event.
  const there =
    inRam(desc, qsize * vringDesc.size) &&
    inRam(avail, vringAvail.at.ring + 2 * qsize + 2) &&
    inRam(used, vringUsed.at.ring + qsize * vringUsedElem.size + 2);
  if (!vq.allocated || qsize === 0 || !there) return undefined;
  const u16 = (at: number): number => view.getUint16(at, true);
  const elements = Array.from({ length: qsize }, (_, index) => index);
  const usedAt = (index: number): number => used + vringUsed.at.ring + index * vringUsedElem.size;
  return {
    descAddress: desc,
    availAddress: avail,
    usedAddress: used,
    descriptors: elements.map((index) => {
      const at = desc + index * vringDesc.size;
      return {
        address: toHex(view.getBigUint64(at + vringDesc.at.addr, true)),
        length: view.getUint32(at + vringDesc.at.len, true),
        flags: u16(at + vringDesc.at.flags),
        next: u16(at + vringDesc.at.next),
      };
    }),
    availFlags: u16(avail + vringAvail.at.flags),
    availIdx: u16(avail + vringAvail.at.idx),
    avail: elements.map((index) => u16(avail + vringAvail.at.ring + 2 * index)),
    usedEvent: u16(avail + vringAvail.at.ring + 2 * qsize),
    usedFlags: u16(used + vringUsed.at.flags),
    usedIdx: u16(used + vringUsed.at.idx),
    used: elements.map((index) => ({
      id: view.getUint32(usedAt(index) + vringUsedElem.at.id, true),
      length: view.getUint32(usedAt(index) + vringUsedElem.at.len, true),
    })),
    availEvent: u16(usedAt(qsize)),
  };
}

type Chains = Pick<VirtqueueRecord, "chains" | "moreChains" | "fault">;

/** The chain taken last and those that are available. */
function chainsOf(vq: VirtioVqInfo, rings: Rings | undefined): Chains {
  if (rings === undefined) return { chains: [], moreChains: 0 };
  const chains: ChainRecord[] = [];
  let buffers = 0;
  const add = (position: number, state: ChainRecord["state"]): void => {
    const head = rings.avail[position & (vq.qsize - 1)];
    const { fault, ...chain } = followChain(vq, head);
    chains.push({ position, state, head, ...chain, ...(fault === undefined ? {} : { fault }) });
    buffers += chain.buffers.length;
  };
  // Of a queue nothing was taken from, the element before the first has never been written.
  const returned = vq.lastAvail === rings.usedIdx;
  if (vq.lastAvail !== 0 || !returned) add((vq.lastAvail - 1) & 0xffff, returned ? "used" : "taken");
  const ahead = (rings.availIdx - vq.lastAvail) & 0xffff;
  // virtio 1.3, 2.7.13: the driver offers no more chains than the queue has descriptors.
  if (ahead > vq.qsize) {
    return { chains, moreChains: 0, fault: `avail.idx is ${ahead} ahead of the device, in a queue of ${vq.qsize}` };
  }
  let followed = 0;
  while (followed < ahead && buffers < MAX_BUFFERS) add((vq.lastAvail + followed++) & 0xffff, "available");
  return { chains, moreChains: ahead - followed };
}
