import { MsiControl, msiCapability, PciCapability } from "../../../abi/pci.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { vmLapicMsi } from "../../core/vmmapi.ts";
import { type CapabilityWrite, pciEmulAddCapability, pciEmulFindCapability } from "./capability.ts";
import { pciLintrUpdate } from "./lintr.ts";
import type { PciVdev } from "./vdev.ts";

/** Plain MSI (devicemodel/hw/pci/core.c). */

const { at } = msiCapability;

/** Adds the capability with `messages` (a power of two, 1 to 32) messages. */
export function pciEmulAddMsicap(dev: PciVdev, messages: number): number {
  const data = new Uint8Array(msiCapability.size);
  const control = MsiControl.C64BIT | MsiControl.PVMC | (Math.log2(messages) << MsiControl.MMC_SHIFT);
  data[at.capid] = PciCapability.MSI;
  new DataView(data.buffer).setUint16(at.msgctrl, control, true);
  return pciEmulAddCapability(dev, data);
}

/** Write to the capability. Address and data count from the moment the guest sets the enable bit. */
export const msicapCfgwrite = station(
  stations.msicap_cfgwrite,
  (dev: PciVdev, { capoff, offset, bytes, value }: CapabilityWrite): void => {
    if (offset === capoff + at.msgctrl && bytes === 2) writeControl(dev, capoff, value);
    else dev.cfgWrite(offset, bytes, value);
    for (let index = 0; dev.msi.enabled && index < dev.msi.maxmsgnum; index++) {
      if (!isSet(dev, at.maskbit, index) && isSet(dev, at.pendbit, index)) pciGenerateMsi(dev, index);
    }
  },
  (emit, _dev, write) => emit(write.offset, write.bytes, write.value),
);

function writeControl(dev: PciVdev, capoff: number, value: number): void {
  const writable = MsiControl.MME_MASK | MsiControl.ENABLE;
  const control = (dev.cfgRead(capoff + at.msgctrl, 2) & ~writable) | (value & writable);
  const { msi } = dev;
  msi.enabled = (control & MsiControl.ENABLE) !== 0;
  if (msi.enabled) {
    msi.addr = dev.cfgRead(capoff + at.addrlo, 4);
    msi.msgData = dev.cfgRead(capoff + at.msgdata, 2);
  }
  msi.maxmsgnum = msi.enabled ? 1 << ((control & MsiControl.MME_MASK) >> MsiControl.MME_SHIFT) : 0;
  pciLintrUpdate(dev);
  dev.cfgWrite(capoff + at.msgctrl, 2, control);
}

/** Mask or pending bit of a message. */
function isSet(dev: PciVdev, field: number, index: number): boolean {
  const capoff = pciEmulFindCapability(dev, PciCapability.MSI);
  return capoff !== undefined && (dev.cfgRead(capoff + field, 4) & (1 << index)) !== 0;
}

function setPending(dev: PciVdev, index: number, pending: boolean): void {
  const capoff = pciEmulFindCapability(dev, PciCapability.MSI);
  if (capoff === undefined) return;
  const bits = dev.cfgRead(capoff + at.pendbit, 4);
  dev.cfgWrite(capoff + at.pendbit, 4, pending ? bits | (1 << index) : bits & ~(1 << index));
}

/** Sends message `index`; a masked one becomes pending. Does nothing unless MSI is enabled with that many messages. */
export const pciGenerateMsi = station(
  stations.pci_generate_msi,
  (dev: PciVdev, index: number): void => {
    if (!dev.msi.enabled || index >= dev.msi.maxmsgnum) return;
    if (isSet(dev, at.maskbit, index)) {
      setPending(dev, index, true);
      return;
    }
    vmLapicMsi(dev.vmctx, dev.msi.addr, dev.msi.msgData + index);
    setPending(dev, index, false);
  },
  (emit, dev, index) => emit(index, dev.msi.enabled ? 1 : 0),
);
