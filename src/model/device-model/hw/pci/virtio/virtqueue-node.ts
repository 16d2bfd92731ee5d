import {
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_USED_F_NO_NOTIFY,
  vringAvail,
  vringDesc,
  vringUsed,
  vringUsedElem,
} from "../../../../abi/virtio.ts";
import { previewBytes } from "../../../../inspect/format.ts";
import { groupNode, listNode, type Node, valueNode } from "../../../../inspect/node.ts";
import { stateNode } from "../../../../inspect/state-node.ts";
import { fieldNode, memoryPlace, type Place, structNode } from "../../../../inspect/struct-node.ts";
import { fromBase64 } from "../../../../util/base64.ts";
import { NULL } from "../../../core/vmmapi.ts";
import { type BufferRecord, type ChainBuffers, followChain } from "./chain-buffers.ts";
import { VirtioVqInfo } from "./virtqueue.ts";

/** A split virtqueue: what acrn-dm keeps of it, and its rings in guest memory. */

const queuePath = (vq: VirtioVqInfo): string => `devices[${vq.base.dev.slot}].queues[${vq.num}]`;

const U16 = { offset: 0, type: "u16" } as const;

/** Where the rings are now; 16-bit reads of them, undefined outside of RAM. */
function ringU16(vq: VirtioVqInfo, ring: "avail" | "used", offset: number): number | undefined {
  const { view, size } = vq.memory;
  const at = vq[ring] + offset;
  return !vq.allocated || vq[ring] === NULL || at + 2 > size ? undefined : view.getUint16(at, true);
}

export const availIdx = (vq: VirtioVqInfo): number => ringU16(vq, "avail", vringAvail.at.idx) ?? 0;
export const usedIdx = (vq: VirtioVqInfo): number => ringU16(vq, "used", vringUsed.at.idx) ?? 0;
export const noNotify = (vq: VirtioVqInfo): boolean =>
  ((ringU16(vq, "used", vringUsed.at.flags) ?? 0) & VRING_USED_F_NO_NOTIFY) !== 0;
export const noInterrupt = (vq: VirtioVqInfo): boolean =>
  ((ringU16(vq, "avail", vringAvail.at.flags) ?? 0) & VRING_AVAIL_F_NO_INTERRUPT) !== 0;

/** Its value is its number in the device. */
export function queueNode(vq: VirtioVqInfo, name: string, path = queuePath(vq)): Node {
  const place = (base: () => number): Place =>
    memoryPlace(
      "guest",
      () => vq.memory.view,
      () => (vq.allocated && base() !== NULL ? base() : undefined),
    );
  const chains = (): Node[] => [
    chainNode(vq, "taken_chain", (vq.lastAvail - 1) & 0xffff, "the chain taken last"),
    ...(vq.allocated && availIdx(vq) !== vq.lastAvail
      ? [chainNode(vq, "next_chain", vq.lastAvail, "the next available chain")]
      : []),
  ];
  const rings = (): Node[] => [
    availNode(
      vq,
      path,
      place(() => vq.avail),
    ),
    usedNode(
      vq,
      path,
      place(() => vq.used),
    ),
    listNode(
      "desc",
      `${path}.desc`,
      () => (vq.allocated ? vq.qsize : 0),
      (index, label, at) =>
        structNode(
          label,
          vringDesc,
          place(() => vq.desc + index * vringDesc.size),
          { path: at, override: { addr: bufferAddress } },
        ),
      { about: "descriptor table", type: "struct vring_desc[]" },
    ),
  ];
  return stateNode(VirtioVqInfo.state, vq, name, {
    path,
    get: () => vq.num,
    summary: () =>
      vq.allocated ? `{avail ${availIdx(vq)}, taken to ${vq.lastAvail}, used ${usedIdx(vq)}}` : "{not set up}",
    instead: { base: () => vq.base.transport?.queueRegisters(vq, path) ?? [] },
    more: () => [...chains(), ...rings()],
  });
}

/** `addr` points to the buffer. */
const bufferAddress = (node: Node): Node => ({
  ...node,
  memory: () => {
    const address = node.get?.();
    return address === undefined ? undefined : `guest:0x${address.toString(16)}`;
  },
});

function availNode(vq: VirtioVqInfo, path: string, place: Place): Node {
  const head = structNode("avail", vringAvail, place, { path: `${path}.avail`, only: (field) => field !== "ring" });
  const at = vringAvail.at.ring;
  const fields = (): Node[] => [
    ...(head.fields?.() ?? []),
    fieldNode("ring", { ...vringAvail.fields.ring, count: vq.qsize }, place, `${path}.avail.ring`),
    fieldNode(
      "used_event",
      { ...U16, offset: at + 2 * vq.qsize, about: "interrupt when used.idx passes it, with EVENT_IDX" },
      place,
      `${path}.avail.used_event`,
    ),
  ];
  return { ...head, field: undefined, fields, summary: () => (vq.allocated ? `{idx ${availIdx(vq)}}` : "(not there)") };
}

function usedNode(vq: VirtioVqInfo, path: string, place: Place): Node {
  const head = structNode("used", vringUsed, place, { path: `${path}.used`, only: (field) => field !== "ring" });
  const at = vringUsed.at.ring;
  const element = (index: number): Place => ({
    ...place,
    base: () => {
      const base = place.base();
      return base === undefined ? undefined : base + at + index * vringUsedElem.size;
    },
  });
  const fields = (): Node[] => [
    ...(head.fields?.() ?? []),
    listNode(
      "ring",
      `${path}.used.ring`,
      () => (vq.allocated ? vq.qsize : 0),
      (index, label, elementPath) => structNode(label, vringUsedElem, element(index), { path: elementPath }),
      { about: "used chains", type: "struct vring_used_elem[]" },
    ),
    fieldNode(
      "avail_event",
      { ...U16, offset: at + vringUsedElem.size * vq.qsize, about: "kick when avail.idx passes it, with EVENT_IDX" },
      place,
      `${path}.used.avail_event`,
    ),
  ];
  return { ...head, field: undefined, fields, summary: () => (vq.allocated ? `{idx ${usedIdx(vq)}}` : "(not there)") };
}

/** The chain whose head is in element `position` of the available ring; a part of it when it is malformed. */
function readChain(vq: VirtioVqInfo, position: number): ChainBuffers & { readonly head: number } {
  const head = ringU16(vq, "avail", vringAvail.at.ring + 2 * (position & (vq.qsize - 1)));
  if (head === undefined) return { head: 0, buffers: [], fault: "the queue has no rings" };
  return { head, ...followChain(vq, head) };
}

function chainNode(vq: VirtioVqInfo, name: string, position: number, about: string): Node {
  const read = () => readChain(vq, position);
  const fields = (): Node[] => {
    const { head, buffers, fault } = read();
    return [
      valueNode("head", () => head, { about: "first descriptor, and id in the used ring" }),
      ...(fault === undefined ? [] : [valueNode("fault", () => fault)]),
      ...buffers.map((buffer, i) => bufferNode(`buffer${i}`, buffer)),
    ];
  };
  const summary = (): string => {
    const { head, buffers, fault } = read();
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    return `{head ${head}, ${buffers.length} buffers, ${bytes} bytes${fault === undefined ? "" : `, ${fault}`}}`;
  };
  return groupNode(name, fields, { about, type: "descriptor chain", summary });
}

function bufferNode(name: string, buffer: BufferRecord): Node {
  const { descriptor, address, length, deviceWrites, memoryReference } = buffer;
  const memory = (): string | undefined => memoryReference;
  const fields = (): Node[] => [
    valueNode("desc", () => descriptor, { about: "its descriptor" }),
    valueNode("addr", () => Number(address), { hex: true, memory, about: "guest-physical" }),
    valueNode("len", () => length, { about: "bytes" }),
    valueNode("device_writes", () => deviceWrites, { about: "flag WRITE" }),
  ];
  const text = memoryReference === undefined ? "(outside of RAM)" : previewBytes(fromBase64(buffer.preview));
  return groupNode(name, fields, {
    memory,
    summary: () => `${length} bytes ${deviceWrites ? "WRITE" : "READ"} ${text}`,
  });
}
