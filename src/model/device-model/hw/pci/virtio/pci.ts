import { station } from "../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../chain/stations/device-model.ts";
import { prErr } from "../../../core/log.ts";
import { pciEmulMsixTread, pciEmulMsixTwrite } from "../msix.ts";
import type { BarAccess, PciVdev } from "../vdev.ts";
import type { VirtioBase } from "./base.ts";

/** From a BAR of a virtio device to what is in it (devicemodel/hw/pci/virtio/virtio.c). */

const baseOf = (dev: PciVdev): VirtioBase => dev.arg as VirtioBase;

/** The table's BAR holds the pending bits too. */
const isMsixBar = (base: VirtioBase, baridx: number): boolean => base.useMsix && baridx === base.dev.msix.tableBar;

/** Reads from a BAR; one the device does not have reads all ones. */
export const virtioPciRead = station(
  stations.virtio_pci_read,
  (dev: PciVdev, access: BarAccess): number => {
    const base = baseOf(dev);
    if (isMsixBar(base, access.baridx)) return pciEmulMsixTread(dev, access);
    if (base.transport?.hasBar(access.baridx)) return base.transport.barRead(base, access);
    prErr(dev, `${base.vops.name}: read unexpected baridx ${access.baridx}`);
    return 0xffffffff;
  },
  (emit, _dev, access) => emit(access.baridx, access.offset, access.size),
);

/** Writes to a BAR. */
export const virtioPciWrite = station(
  stations.virtio_pci_write,
  (dev: PciVdev, access: BarAccess): void => {
    const base = baseOf(dev);
    if (isMsixBar(base, access.baridx)) pciEmulMsixTwrite(dev, access);
    else if (base.transport?.hasBar(access.baridx)) base.transport.barWrite(base, access);
    else prErr(dev, `${base.vops.name}: write unexpected baridx ${access.baridx}`);
  },
  (emit, _dev, access) => emit(access.baridx, access.offset, access.size, access.value),
);
