import { PciCapability, pciConfig, pcieCapability } from "../../../abi/pci.ts";
import { pciEmulAddCapability } from "./capability.ts";
import type { DeviceClass } from "./device-class.ts";
import { noOptions } from "./device-options.ts";
import type { PciVdev } from "./vdev.ts";

/** The host bridge at 0:0.0 (devicemodel/hw/pci/hostbridge.c). */

const { at } = pciConfig;
const PCIC_BRIDGE = 0x06;
const PCIS_BRIDGE_HOST = 0x00;

function bridgeInit(dev: PciVdev, vendor: number, device: number): number {
  dev.cfgWrite(at.vendor, 2, vendor);
  dev.cfgWrite(at.device, 2, device);
  dev.cfgWrite(at.class, 1, PCIC_BRIDGE);
  dev.cfgWrite(at.subclass, 1, PCIS_BRIDGE_HOST);
  pciEmulAddCapability(dev, rootPort());
  return 0;
}

/** Version 2 root port, one lane of generation 1. */
function rootPort(): Uint8Array {
  const data = new Uint8Array(pcieCapability.size);
  const view = new DataView(data.buffer);
  data[pcieCapability.at.capid] = PciCapability.EXPRESS;
  view.setUint16(pcieCapability.at.pcie_capabilities, 0x42, true);
  view.setUint32(pcieCapability.at.link_capabilities, 0x411, true);
  view.setUint16(pcieCapability.at.link_status, 0x11, true);
  return data;
}

export const hostbridge: DeviceClass<undefined> = {
  className: "hostbridge",
  about: "the host bridge a guest expects at 0:0.0",
  options: noOptions,
  init: (_ctx, dev) => bridgeInit(dev, 0x1275, 0x1275),
};

export const amdHostbridge: DeviceClass<undefined> = {
  className: "amd_hostbridge",
  about: "the same with AMD's ids",
  options: noOptions,
  init: (_ctx, dev) => bridgeInit(dev, 0x1022, 0x7432),
};
