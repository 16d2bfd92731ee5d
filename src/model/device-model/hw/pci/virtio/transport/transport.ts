import type { Node } from "../../../../../inspect/node.ts";
import type { BarAccess } from "../../vdev.ts";
import type { VirtioBase } from "../base.ts";
import type { VirtioVqInfo } from "../virtqueue.ts";

/** Ports, or memory. */
export type AddressSpace = "IO" | "MEM";

/** Where a write notifies a queue: what an ioeventfd is bound to. */
export interface NotifyAddress {
  readonly space: AddressSpace;
  /** Port or guest-physical address, as the BAR lies now. */
  readonly address: number;
  /** Bytes of the write. */
  readonly length: number;
  /** The value that means this queue; undefined where the address alone says it. */
  readonly data: number | undefined;
}

/** One way a virtio device is reached: register blocks in BARs, with the state that only they have. */
export interface VirtioTransport {
  readonly name: "legacy";
  /** Whether BAR `baridx` is one of its register blocks. */
  hasBar(baridx: number): boolean;
  barRead(base: VirtioBase, access: BarAccess): number;
  barWrite(base: VirtioBase, access: BarAccess): void;
  /** Its part of a device reset. */
  reset(): void;
  /**
   * The queue a write notifies, as the guest names it; undefined when it is no notification. Reads nothing of the guest,
   * changes and allocates nothing.
   */
  notifiedQueue(base: VirtioBase, baridx: number, offset: number, size: number, value: number): number | undefined;
  notifyAddress(base: VirtioBase, queue: number): NotifyAddress;
  /** The registers: what a read would give, without what a read would do. `path`: expression of the device. */
  registers(base: VirtioBase, path: string): readonly Node[];
  /** What it keeps of a queue. `path`: expression of the queue. */
  queueRegisters(vq: VirtioVqInfo, path: string): readonly Node[];
}
