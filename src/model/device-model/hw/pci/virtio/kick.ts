import { virtioLegacyRegisters } from "../../../../abi/virtio.ts";
import { decodes } from "../bar.ts";
import type { BarType, PciBar, PciVdev } from "../vdev.ts";
import { VirtioBase } from "./base.ts";
import type { Kick } from "./virtqueue.ts";

/** Which write of the guest is a kick. Asked at every write that leaves the guest: what is none costs no memory. */

export type AddressSpace = "IO" | "MEM";

const spaceOf = (type: BarType): AddressSpace => (type === "IO" ? "IO" : "MEM");

const holds = (bar: PciBar, space: AddressSpace, address: number): boolean =>
  bar.type !== "NONE" && spaceOf(bar.type) === space && address >= bar.addr && address < bar.addr + bar.size;

/** The virtio device behind a PCI function, undefined when it is none. */
export const virtioOf = (dev: PciVdev): VirtioBase | undefined => (dev.arg instanceof VirtioBase ? dev.arg : undefined);

/**
 * The kick that a write of `size` bytes is, as the devices' BARs lie now; undefined when it notifies no queue. Reads
 * nothing of the guest and changes nothing. A notification of a queue that does not exist is a kick as well.
 */
export function kickedQueue(
  devices: readonly PciVdev[],
  space: AddressSpace,
  address: number,
  size: number,
  value: number,
): Kick | undefined {
  for (const dev of devices) {
    const base = virtioOf(dev);
    if (base === undefined) continue;
    for (let idx = 0; idx < dev.bar.length; idx++) {
      const bar = dev.bar[idx];
      if (!holds(bar, space, address) || !decodes(dev, bar)) continue;
      const queue = notifiedQueue(base, idx, address - bar.addr, size, value);
      return queue === undefined ? undefined : (base.queues[queue]?.kick ?? { dev, slot: dev.slot, queue });
    }
  }
  return undefined;
}

/** The legacy register takes 16-bit writes only. */
function notifiedQueue(
  base: VirtioBase,
  baridx: number,
  offset: number,
  size: number,
  value: number,
): number | undefined {
  const { queue_notify } = virtioLegacyRegisters.at;
  return baridx === base.legacyPioBarIdx && offset === queue_notify && size === 2 ? value : undefined;
}
