import { PCI_CONFIG_SIZE, PCIM_STATUS_CAPPRESENT, PciCapability, pciConfig } from "../../../abi/pci.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { msicapCfgwrite } from "./msi.ts";
import { msixcapCfgwrite } from "./msix.ts";
import type { PciVdev } from "./vdev.ts";

/** The list of capabilities from 0x40 on (devicemodel/hw/pci/core.c). */

const CAP_START_OFFSET = 0x40;
const { at } = pciConfig;

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

/** Write inside the list: id and next pointer are read-only, a 4-byte write over them counts from byte 2. */
export const pciEmulCapwrite = station(
  stations.pci_emul_capwrite,
  (dev: PciVdev, offset: number, bytes: number, value: number): void => {
    const capoff = capabilityAt(dev, offset);
    if (offset === capoff || offset === capoff + 1) {
      if (bytes !== 4) return;
      writeCapability(dev, capoff, offset + 2, 2, value >>> 16);
    } else {
      writeCapability(dev, capoff, offset, bytes, value);
    }
  },
  (emit, _dev, offset, bytes, value) => emit(offset, bytes, value),
);

/** Start of the capability that contains `offset`. */
function capabilityAt(dev: PciVdev, offset: number): number {
  let capoff = CAP_START_OFFSET;
  for (let next = dev.cfgRead(capoff + 1, 1); next !== 0; next = dev.cfgRead(capoff + 1, 1)) {
    if (offset >= capoff && offset < next) break;
    capoff = next;
  }
  return capoff;
}

function writeCapability(dev: PciVdev, capoff: number, offset: number, bytes: number, value: number): void {
  const id = dev.cfgRead(capoff, 1);
  if (id === PciCapability.MSI) msicapCfgwrite(dev, { capoff, offset, bytes, value });
  else if (id === PciCapability.MSIX) msixcapCfgwrite(dev, { capoff, offset, bytes, value });
  else dev.cfgWrite(offset, bytes, value);
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
