import { defineStruct } from "./struct.ts";
import { virtioIsrField, virtioStatusField, vringDesc, vringUsedElem } from "./virtio.ts";

/** The legacy PCI register block, and how a legacy queue lies in memory. */

/** Alignment of the used ring of a legacy queue, and the unit of QUEUE_PFN (1 << 12). */
export const VIRTIO_PCI_VRING_ALIGN = 4096;

/** Bytes of a legacy queue: descriptors and available ring, then from the next alignment on the used ring. */
export function vringSize(num: number, align: number): number {
  return vringUsedOffset(num, align) + 3 * 2 + num * vringUsedElem.size;
}

/** Where the used ring of a legacy queue begins. */
export function vringUsedOffset(num: number, align: number): number {
  return Math.ceil((num * vringDesc.size + (3 + num) * 2) / align) * align;
}

/**
 * Legacy register block at the start of I/O BAR 0 (virtio 1.3, 4.1.4.10). The two vector registers exist only while
 * MSI-X is enabled; otherwise the device's configuration begins in their place.
 */
export const virtioLegacyRegisters = defineStruct("virtio_legacy", 24, "virtio 1.3, 4.1.4.10", {
  host_features: { offset: 0, type: "u32", access: "ro", about: "features the device offers" },
  guest_features: { offset: 4, type: "u32", about: "features the driver takes" },
  queue_pfn: { offset: 8, type: "u32", about: "page number of the selected queue's ring, in 4096 bytes" },
  queue_num: { offset: 12, type: "u16", access: "ro", about: "size of the selected queue, 0 when there is none" },
  queue_sel: { offset: 14, type: "u16", about: "the selected queue" },
  queue_notify: { offset: 16, type: "u16", about: "kick: number of the queue with new buffers" },
  status: { offset: 18, ...virtioStatusField },
  isr: { offset: 19, ...virtioIsrField },
  msi_config_vector: { offset: 20, type: "u16", about: "MSI-X vector for configuration changes, 0xffff none" },
  msi_queue_vector: { offset: 22, type: "u16", about: "MSI-X vector of the selected queue, 0xffff none" },
});

/** Where the device's own configuration begins in BAR 0. */
export const legacyConfigOffset = (msixEnabled: boolean): number => (msixEnabled ? 24 : 20);
