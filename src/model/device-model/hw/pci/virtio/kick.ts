import { decodes } from "../bar.ts";
import { offsetInBar } from "../handlers.ts";
import type { PciVdev } from "../vdev.ts";
import { virtioOf } from "./base.ts";
import type { AddressSpace } from "./transport/transport.ts";
import type { Kick } from "./virtqueue.ts";

/** Which write of the guest is a kick. Asked at every write that leaves the guest: what is none costs no memory. */

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
    if (base?.transport === undefined) continue;
    for (let idx = 0; idx < dev.bar.length; idx++) {
      const bar = dev.bar[idx];
      const offset = bar.type === (space === "IO" ? "IO" : "MEM32") ? offsetInBar(bar, address, size) : -1;
      if (offset < 0 || !decodes(dev, bar)) continue;
      const queue = base.transport.notifiedQueue(base, idx, offset, size, value);
      return queue === undefined ? undefined : (base.queues[queue]?.kick ?? { dev, slot: dev.slot, queue });
    }
  }
  return undefined;
}
