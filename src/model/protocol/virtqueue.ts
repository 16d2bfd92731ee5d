/** One virtqueue with everything in its rings: plain data for views. Guest-physical addresses of buffers are text, because a guest may write all 64 bits. */

import type { Direction, QueuePurpose } from "../device-model/hw/pci/device-view.ts";
import type { BufferRecord } from "../device-model/hw/pci/virtio/chain-buffers.ts";

export type { BufferRecord, Direction, QueuePurpose };

export interface VirtqueueRequest {
  /** PCI slot of the device on bus 0. */
  readonly slot: number;
  readonly queue: number;
}

/** No further chain is followed once the chains have that many buffers. */
export const MAX_BUFFERS = 256;
/** An entry of a descriptor table, as it is in memory. */
export interface DescriptorRecord {
  /** `0x…`, of the buffer. */
  readonly address: string;
  /** Bytes. */
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

export interface ChainRecord {
  /** Where its head is in the available ring, counted on past the ring's end, mod 65536. */
  readonly position: number;
  /**
   * available: offered, and not yet taken. taken: the device has it. used: the device took it last and has returned it.
   */
  readonly state: "available" | "taken" | "used";
  readonly head: number;
  readonly buffers: readonly BufferRecord[];
  /** What is wrong with the rest of it. */
  readonly fault?: string;
}

export interface VirtqueueRecord extends QueuePurpose {
  readonly slot: number;
  readonly queue: number;
  /** Name of the device. */
  readonly device: string;
  /** Elements, a power of two. */
  readonly size: number;
  /** The guest has given it its memory; without, there are no rings. */
  readonly ready: boolean;
  /** The device's own: the next element of the available ring it takes, and used.idx when it last thought of an interrupt. */
  readonly lastAvail: number;
  readonly saveUsed: number;
  readonly msixVector: number;
  readonly ioeventfd: boolean;
  /** EVENT_IDX has been negotiated: `usedEvent` and `availEvent` count, the flags do not. */
  readonly eventIdx: boolean;
  /** Missing while the queue is not ready or its ring is outside of RAM. */
  readonly rings?: {
    /** Guest-physical addresses. */
    readonly descAddress: number;
    readonly availAddress: number;
    readonly usedAddress: number;
    readonly descriptors: readonly DescriptorRecord[];
    readonly availFlags: number;
    readonly availIdx: number;
    /** Heads, by element. */
    readonly avail: readonly number[];
    readonly usedEvent: number;
    readonly usedFlags: number;
    readonly usedIdx: number;
    readonly used: readonly { readonly id: number; readonly length: number }[];
    readonly availEvent: number;
  };
  /** The chain taken last, then the available ones in the order they will be taken. */
  readonly chains: readonly ChainRecord[];
  /** Available chains that are not among them. */
  readonly moreChains: number;
  /** A rule the indices break. */
  readonly fault?: string;
}
