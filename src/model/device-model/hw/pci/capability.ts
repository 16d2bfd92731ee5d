import { PCI_CONFIG_SIZE, PCIM_STATUS_CAPPRESENT, pciConfig } from "../../../abi/pci.ts";
import type { PciVdev } from "./vdev.ts";

/** The list of capabilities from 0x40 on (devicemodel/hw/pci/core.c). */

export const CAP_START_OFFSET = 0x40;
const { at } = pciConfig;

/** A write inside a capability that begins at `capoff`. */
export interface CapabilityWrite {
  readonly capoff: number;
  readonly offset: number;
  readonly bytes: number;
  readonly value: number;
}

const hasCapabilities = (dev: PciVdev): boolean => (dev.cfgRead(at.status, 2) & PCIM_STATUS_CAPPRESENT) !== 0;

/** Appends a capability, padded to 4 bytes. -1 when configuration space is full. */
export function pciEmulAddCapability(dev: PciVdev, data: Uint8Array): number {
  const length = (data.length + 3) & ~3;
  const first = !hasCapabilities(dev);
  const offset = first ? CAP_START_OFFSET : dev.capend + 1;
  if (offset + length > PCI_CONFIG_SIZE) return -1;
  if (first) {
    dev.cfgWrite(at.cap_ptr, 1, offset);
    dev.cfgWrite(at.status, 2, dev.cfgRead(at.status, 2) | PCIM_STATUS_CAPPRESENT);
  } else {
    dev.cfgWrite(dev.prevcap + 1, 1, offset);
  }
  dev.cfgdata.set(data, offset);
  dev.cfgWrite(offset + 1, 1, 0);
  dev.prevcap = offset;
  dev.capend = offset + length - 1;
  return 0;
}

/** Whether `offset` lies in the capability list. */
export function pciEmulIscap(dev: PciVdev, offset: number): boolean {
  return hasCapabilities(dev) && offset >= CAP_START_OFFSET && offset <= dev.capend;
}

/** Offset of the first capability with this id, undefined when there is none. */
export function pciEmulFindCapability(dev: PciVdev, id: number): number | undefined {
  if (!hasCapabilities(dev)) return undefined;
  let offset = dev.cfgRead(at.cap_ptr, 1);
  while (offset >= CAP_START_OFFSET && offset <= dev.prevcap) {
    if (dev.cfgRead(offset, 1) === id) return offset;
    offset = dev.cfgRead(offset + 1, 1);
  }
  return undefined;
}
