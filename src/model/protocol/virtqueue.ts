/** One virtqueue with everything in its rings: plain data for views. Guest-physical addresses of buffers are text, because a guest may write all 64 bits. */

export interface VirtqueueRequest {
  /** PCI slot of the device on bus 0. */
  readonly slot: number;
  readonly queue: number;
}

/** Whose bytes go where; undefined for a queue whose device is no console. */
export type Direction = "guest to host" | "host to guest";

/** Longest chain that is followed; acrn-dm follows 512. */
export const MAX_CHAIN_BUFFERS = 64;
/** No further chain is followed once the chains have that many buffers. */
export const MAX_BUFFERS = 256;
/** Bytes of a buffer that are delivered with it. */
export const MAX_PREVIEW_BYTES = 256;

/** An entry of a descriptor table, as it is in memory. */
export interface DescriptorRecord {
  /** `0x…`, of the buffer. */
  readonly address: string;
  /** Bytes. */
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

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

export interface VirtqueueRecord {
  readonly slot: number;
  readonly queue: number;
  /** Name of the device. */
  readonly device: string;
  /** Name of the console port, or "control". */
  readonly port?: string;
  readonly direction?: Direction;
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
