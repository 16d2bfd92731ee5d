import type { QueuePurpose, Terminal } from "../device-model/hw/pci/device-view.ts";
import type { PciVdev } from "../device-model/hw/pci/vdev.ts";
import type { VirtioVqInfo } from "../device-model/hw/pci/virtio/virtqueue.ts";

/** What a queue is for, as its device tells it. */
export const purposeOf = (vq: VirtioVqInfo): QueuePurpose => vq.base.dev.ops.view?.queuePurpose?.(vq) ?? {};

export const terminalsOf = (dev: PciVdev): readonly Terminal[] => dev.ops.view?.terminals?.(dev) ?? [];

/** Reads how many bytes the terminal on standard output has been given; there is one at most. */
export function stdioOutput(devices: () => readonly PciVdev[]): () => number {
  let stdio: Terminal | undefined;
  return () => {
    stdio ??= devices()
      .flatMap(terminalsOf)
      .find(({ kind }) => kind === "stdio");
    return stdio?.bytesWritten ?? 0;
  };
}
