import type { DeviceClass } from "./device-class.ts";
import { amdHostbridge, hostbridge } from "./hostbridge.ts";
import { lpc } from "./lpc-bridge.ts";
import { virtioConsole } from "./virtio/console/device.ts";
import { virtioRnd } from "./virtio/rnd/device.ts";

/** Every device class this machine has from the start, as acrn-dm's linker set of pci_vdev_ops. */
export const builtInDeviceClasses: readonly DeviceClass[] = [hostbridge, amdHostbridge, lpc, virtioConsole, virtioRnd];
