import { defineStruct } from "./struct.ts";

/** Split virtqueues, device status and the console device (virtio 1.3; the console also 0.9.5). */

/** Descriptor flags. */
export const DescFlag = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;
const descFlagNames = { 1: "NEXT", 2: "WRITE", 4: "INDIRECT" } as const;
/** `used.flags`: the device needs no kicks. */
export const VRING_USED_F_NO_NOTIFY = 1;
/** `avail.flags`: the driver needs no interrupts. */
export const VRING_AVAIL_F_NO_INTERRUPT = 1;

export const vringDesc = defineStruct("vring_desc", 16, "virtio 1.3, 2.7.5", {
  addr: { offset: 0, type: "u64", about: "guest-physical address of the buffer" },
  len: { offset: 8, type: "u32", about: "bytes" },
  flags: { offset: 12, type: "u16", about: "how to read it", values: { bits: true, names: descFlagNames } },
  next: { offset: 14, type: "u16", about: "next descriptor of the chain, with NEXT" },
});

/** Head of the available ring; `ring` has the queue's size elements, then `used_event`. */
export const vringAvail = defineStruct("vring_avail", 6, "virtio 1.3, 2.7.6", {
  flags: { offset: 0, type: "u16", about: "driver's wishes", values: { bits: true, names: { 1: "NO_INTERRUPT" } } },
  idx: { offset: 2, type: "u16", about: "where the driver puts the next head, counts on past the ring's end" },
  ring: { offset: 4, type: "u16", about: "heads of the available chains" },
});

/** Head of the used ring; `ring` has the queue's size elements, then `avail_event`. */
export const vringUsed = defineStruct("vring_used", 12, "virtio 1.3, 2.7.8", {
  flags: { offset: 0, type: "u16", about: "device's wishes", values: { bits: true, names: { 1: "NO_NOTIFY" } } },
  idx: { offset: 2, type: "u16", about: "where the device puts the next element, counts on past the ring's end" },
  ring: { offset: 4, type: "u32", count: 2, about: "elements" },
});

export const vringUsedElem = defineStruct("vring_used_elem", 8, "virtio 1.3, 2.7.8", {
  id: { offset: 0, type: "u32", about: "head of the chain" },
  len: { offset: 4, type: "u32", about: "bytes the device wrote" },
});

/** Device status bits (virtio 1.3, 2.1). */
export const VirtioStatus = {
  ACKNOWLEDGE: 1,
  DRIVER: 2,
  DRIVER_OK: 4,
  FEATURES_OK: 8,
  NEEDS_RESET: 0x40,
  FAILED: 0x80,
} as const;
const virtioStatusNames = {
  1: "ACKNOWLEDGE",
  2: "DRIVER",
  4: "DRIVER_OK",
  8: "FEATURES_OK",
  64: "NEEDS_RESET",
  128: "FAILED",
} as const;
/** As a field of whatever register block shows it; `offset` is the block's to say. */
export const virtioStatusField = {
  type: "u8",
  about: "device status",
  values: { bits: true, names: virtioStatusNames },
} as const;
export const VirtioIsr = { QUEUES: 1, CONFIG: 2 } as const;
export const virtioIsrField = {
  type: "u8",
  about: "cleared when read",
  values: { bits: true, names: { 1: "QUEUES", 2: "CONFIG" } },
} as const;
export const VIRTIO_MSI_NO_VECTOR = 0xffff;
