import { pciConfig } from "../../../../abi/pci.ts";
import type { PciVdev } from "../vdev.ts";

/** devicemodel/include/virtio.h */
const VIRTIO_VENDOR = 0x1af4;

/** What tells a virtio device apart: PCI device id, class code, and the device type of virtio (5). */
export interface VirtioIds {
  readonly device: number;
  readonly class: number;
  readonly subclass?: number;
  readonly type: number;
}

/** Writes the ids as each device of acrn-dm does in its init. */
export function setVirtioIds(dev: PciVdev, ids: VirtioIds): void {
  const { at } = pciConfig;
  dev.cfgWrite(at.device, 2, ids.device);
  dev.cfgWrite(at.vendor, 2, VIRTIO_VENDOR);
  dev.cfgWrite(at.class, 1, ids.class);
  if (ids.subclass !== undefined) dev.cfgWrite(at.subclass, 1, ids.subclass);
  dev.cfgWrite(at.subdev, 2, ids.type);
  dev.cfgWrite(at.subvend, 2, VIRTIO_VENDOR);
}
