import { amdHostbridge, hostbridge } from "./hostbridge.ts";
import { lpc } from "./lpc-bridge.ts";
import type { PciVdevOps } from "./vdev.ts";
import { virtioConsole } from "./virtio/console/device.ts";

/** Every device class this machine has, as acrn-dm's linker set of pci_vdev_ops. */
const pciDeviceClasses: readonly PciVdevOps[] = [hostbridge, amdHostbridge, lpc, virtioConsole];

/** The device class of a `-s` option's name, undefined when this machine has none (pci_emul_finddev). */
export function findDevice(name: string): PciVdevOps | undefined {
  return pciDeviceClasses.find((ops) => ops.className === name);
}
