import { VIRTIO_PCI_VRING_ALIGN } from "../src/model/abi/virtio-legacy.ts";

/** Where the fuzzer's guest keeps its rings and buffers, in 1 MiB of RAM. */

export const RAM = 1 << 20;
export const QUEUE_SIZE = 64;
const RINGS = 0x1_0000;
const BUFFERS = 0x8_0000;
/** Devices share the rings: what belongs to both is the more hostile case. */
export const ringOf = (queue: number): number => RINGS + (queue % 34) * 2 * VIRTIO_PCI_VRING_ALIGN;
export const bufferOf = (index: number): number => BUFFERS + (index % QUEUE_SIZE) * 0x1000;
/** Slots of the devices a place may name. */
export const SLOTS = [3, 31, 4, 1, 0] as const;
export const HOST_FILES = [
  "console",
  "pty",
  "listener",
  "connection",
  "workbench",
  "/dev/ttyS9",
  "/out",
  "/peer",
  "/dev/random",
] as const;
