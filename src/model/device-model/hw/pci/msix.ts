import { MSIX_MASKED, MsixControl, msixCapability, msixTableEntry, PciCapability } from "../../../abi/pci.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { readU64 } from "../../../util/u64.ts";
import { vmLapicMsi } from "../../core/vmmapi.ts";
import { pciEmulAllocBar } from "./bar.ts";
import { type CapabilityWrite, pciEmulAddCapability } from "./capability.ts";
import { pciLintrUpdate } from "./lintr.ts";
import type { BarAccess, PciVdev } from "./vdev.ts";

/** MSI-X: capability, table and sending (devicemodel/hw/pci/core.c). There is no pending bit array behind the PBA. */

const ENTRY = msixTableEntry.size;
const { at } = msixCapability;

/** MSI-X counts only while plain MSI is off. */
export const pciMsixEnabled = (dev: PciVdev): boolean => dev.msix.enabled && !dev.msi.enabled;

/** Adds the capability with `messages` vectors, table and PBA in BAR `barnum`. -1 when it does not fit. */
export function pciEmulAddMsixcap(dev: PciVdev, messages: number, barnum: number): number {
  const tableSize = Math.ceil((messages * ENTRY) / 4096) * 4096;
  const pbaSize = Math.ceil(messages / 64) * 8;
  const table = new DataView(new ArrayBuffer(messages * ENTRY));
  for (let i = 0; i < messages; i++) {
    table.setUint32(i * ENTRY + msixTableEntry.at.vector_control, MSIX_MASKED, true);
  }
  const where = { tableBar: barnum, pbaBar: barnum, tableOffset: 0, pbaOffset: tableSize };
  Object.assign(dev.msix, { ...where, table, tableCount: messages, pbaSize });
  pciEmulAllocBar(dev, barnum, "MEM32", tableSize + pbaSize);
  const data = new Uint8Array(msixCapability.size);
  const view = new DataView(data.buffer);
  data[at.capid] = PciCapability.MSIX;
  view.setUint16(at.msgctrl, messages - 1, true);
  view.setUint32(at.table_info, barnum, true);
  view.setUint32(at.pba_info, tableSize | barnum, true);
  return pciEmulAddCapability(dev, data);
}

/** Write to the capability: of message control only enable and function mask, the rest as it comes. */
export const msixcapCfgwrite = station(
  stations.msixcap_cfgwrite,
  (dev: PciVdev, { capoff, offset, bytes, value }: CapabilityWrite): void => {
    if (offset !== capoff + at.msgctrl || bytes !== 2) {
      dev.cfgWrite(offset, bytes, value);
      return;
    }
    const writable = MsixControl.ENABLE | MsixControl.FUNCTION_MASK;
    const control = (dev.cfgRead(offset, 2) & ~writable) | (value & writable);
    dev.msix.enabled = (control & MsixControl.ENABLE) !== 0;
    dev.msix.functionMask = (control & MsixControl.FUNCTION_MASK) !== 0;
    pciLintrUpdate(dev);
    dev.cfgWrite(offset, 2, control);
  },
  (emit, _dev, write) => emit(write.offset, write.bytes, write.value),
);

/** Write to the table: 4 bytes, aligned, inside it; anything else is ignored. */
export const pciEmulMsixTwrite = station(
  stations.pci_emul_msix_twrite,
  (dev: PciVdev, access: BarAccess): void => {
    const { offset, size, value } = access;
    const { table } = dev.msix;
    if (table === undefined || size !== 4 || (offset % ENTRY) % size !== 0 || offset >= table.byteLength) return;
    table.setUint32(offset, value, true);
  },
  (emit, _dev, access) => emit(access.offset, access.size, access.value),
);

/** Read of the table, 1 or 4 bytes; the PBA reads 0, anything else all ones. */
export const pciEmulMsixTread = station(
  stations.pci_emul_msix_tread,
  (dev: PciVdev, access: BarAccess): number => {
    const { offset, size } = access;
    const { table, pbaOffset, pbaSize } = dev.msix;
    if (table === undefined || (size !== 1 && size !== 4) || (offset % ENTRY) % size !== 0) return 0xffffffff;
    if (offset < table.byteLength) return size === 1 ? table.getUint8(offset) : table.getUint32(offset, true);
    return offset >= pbaOffset && offset < pbaOffset + pbaSize ? 0 : 0xffffffff;
  },
  (emit, _dev, access) => emit(access.offset, access.size),
);

/** Sends vector `index`. A masked one is lost, and so is one beyond the table, such as 0xffff for "no vector". */
export const pciGenerateMsix = station(
  stations.pci_generate_msix,
  (dev: PciVdev, index: number): void => {
    const { table, tableCount, functionMask } = dev.msix;
    if (!pciMsixEnabled(dev) || functionMask || table === undefined || index >= tableCount) return;
    const entry = index * ENTRY;
    if ((table.getUint32(entry + msixTableEntry.at.vector_control, true) & MSIX_MASKED) !== 0) return;
    const address = readU64(table, entry + msixTableEntry.at.addr);
    vmLapicMsi(dev.vmctx, address, table.getUint32(entry + msixTableEntry.at.msg_data, true));
  },
  (emit, dev, index) => emit(index, dev.msix.enabled ? 1 : 0, dev.msix.functionMask ? 1 : 0),
);
