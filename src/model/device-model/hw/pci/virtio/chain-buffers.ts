import { DescFlag, vringDesc } from "../../../../abi/virtio.ts";
import { toHex } from "../../../../inspect/format.ts";
import { toBase64 } from "../../../../util/base64.ts";
import type { VirtioVqInfo } from "./virtqueue.ts";

/** Descriptor chains as they lie in guest memory, which may hold anything. */

/** Longest chain that is followed; acrn-dm follows 512. */
export const MAX_CHAIN_BUFFERS = 64;
/** Bytes of a buffer that are delivered with it. */
const MAX_PREVIEW_BYTES = 256;

export interface BufferRecord {
  /** Number of its descriptor, in the table of `indirect` when there is one. */
  readonly descriptor: number;
  /** The descriptor that names the indirect table it is in. */
  readonly indirect?: number;
  readonly address: string;
  readonly length: number;
  /** The device may write it. */
  readonly deviceWrites: boolean;
  /** For DAP's readMemory. Missing when the buffer begins outside of RAM. */
  readonly memoryReference?: string;
  /** Its first bytes, base64; fewer than {@link MAX_PREVIEW_BYTES} at the end of RAM. */
  readonly preview: string;
}

interface Table {
  readonly address: number;
  readonly entries: number;
  /** The descriptor that names it; undefined for the queue's own table. */
  readonly indirect: number | undefined;
}

export interface ChainBuffers {
  readonly buffers: readonly BufferRecord[];
  readonly fault: string | undefined;
}

const flagSet = (flags: number, flag: number): boolean => (flags & flag) !== 0;

/** The chain that begins at `head`, as far as it can be followed; loops end at {@link MAX_CHAIN_BUFFERS}. */
export function followChain(vq: VirtioVqInfo, head: number): ChainBuffers {
  const buffers: BufferRecord[] = [];
  const fault = follow(vq, { address: vq.desc, entries: vq.qsize, indirect: undefined }, head, buffers);
  return { buffers, fault };
}

function follow(vq: VirtioVqInfo, table: Table, head: number, buffers: BufferRecord[]): string | undefined {
  const { view, size } = vq.memory;
  let index = head;
  for (;;) {
    if (buffers.length >= MAX_CHAIN_BUFFERS) return `more than ${MAX_CHAIN_BUFFERS} buffers, perhaps a loop`;
    const at = table.address + index * vringDesc.size;
    if (index >= table.entries) return `descriptor ${index} is beyond the table of ${table.entries}`;
    if (at + vringDesc.size > size) return `descriptor ${index} is outside of RAM`;
    const flags = view.getUint16(at + vringDesc.at.flags, true);
    if (flagSet(flags, DescFlag.INDIRECT)) {
      if (table.indirect !== undefined) return `descriptor ${index} of an indirect table is indirect itself`;
      const fault = followIndirect(vq, index, at, buffers);
      if (fault !== undefined) return fault;
    } else {
      buffers.push(bufferAt(vq, index, at, flags, table.indirect));
    }
    if (!flagSet(flags, DescFlag.NEXT)) return undefined;
    index = view.getUint16(at + vringDesc.at.next, true);
  }
}

function followIndirect(vq: VirtioVqInfo, index: number, at: number, buffers: BufferRecord[]): string | undefined {
  const { view, size } = vq.memory;
  const address = view.getBigUint64(at + vringDesc.at.addr, true);
  const length = view.getUint32(at + vringDesc.at.len, true);
  if (length === 0 || length % vringDesc.size !== 0)
    return `the indirect table of descriptor ${index} has ${length} bytes`;
  if (address + BigInt(length) > BigInt(size)) return `the indirect table of descriptor ${index} is outside of RAM`;
  return follow(vq, { address: Number(address), entries: length / vringDesc.size, indirect: index }, 0, buffers);
}

function bufferAt(
  vq: VirtioVqInfo,
  descriptor: number,
  at: number,
  flags: number,
  indirect: number | undefined,
): BufferRecord {
  const { view, bytes, size } = vq.memory;
  const address = view.getBigUint64(at + vringDesc.at.addr, true);
  const length = view.getUint32(at + vringDesc.at.len, true);
  const inRam = address < BigInt(size);
  const start = inRam ? Number(address) : 0;
  const preview = inRam
    ? bytes.subarray(start, Math.min(start + Math.min(length, MAX_PREVIEW_BYTES), size))
    : bytes.subarray(0, 0);
  return {
    descriptor,
    ...(indirect === undefined ? {} : { indirect }),
    address: toHex(address),
    length,
    deviceWrites: flagSet(flags, DescFlag.WRITE),
    ...(inRam ? { memoryReference: `guest:${toHex(address)}` } : {}),
    preview: toBase64(preview),
  };
}
