import { PciCapability } from "../../../abi/pci.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { CAP_START_OFFSET } from "./capability.ts";
import { msicapCfgwrite } from "./msi.ts";
import { msixcapCfgwrite } from "./msix.ts";
import type { PciVdev } from "./vdev.ts";

/** From a write in the list of capabilities to the one it means (devicemodel/hw/pci/core.c). */

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
