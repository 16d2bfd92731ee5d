import type { PciSlotConfig } from "../config.ts";
import { findDevice } from "../hw/pci/device-class.ts";
import { builtInDeviceClasses } from "../hw/pci/devices.ts";
import type { PciVdev } from "../hw/pci/vdev.ts";
import type { VirtioBase } from "../hw/pci/virtio/base.ts";
import { VirtioConsole } from "../hw/pci/virtio/console/console.ts";
import type { ConsoleOptions } from "../hw/pci/virtio/console/options.ts";
import { parsePortOption, splitIothreadOption } from "../hw/pci/virtio/console/parse.ts";

/** A function of bus 0 with the options `text` gives; those of a console are not checked beyond their syntax. */
export function slotConfig(slot: number, emul: string, text?: string, func = 0): PciSlotConfig {
  if (emul === "virtio-console") return { bus: 0, slot, func, emul, options: consoleOptions(text ?? "") };
  const parsed = findDevice(builtInDeviceClasses, emul)?.options.parse(text) ?? { options: undefined };
  if ("refusal" in parsed) throw new Error(parsed.refusal.said);
  return { bus: 0, slot, func, emul, options: parsed.options };
}

/** So a test can make what the command line would refuse. */
function consoleOptions(text: string): ConsoleOptions {
  const { iothreads, rest } = splitIothreadOption(text);
  const ports = rest.split(",").map((option) => {
    const port = parsePortOption(option);
    if ("error" in port) throw new Error(port.error);
    return port;
  });
  return { iothreads, ports };
}

/** The consoles among the devices. */
export function consolesOf(devices: readonly PciVdev[]): VirtioConsole[] {
  return devices
    .map((dev) => (dev.arg as VirtioBase | undefined)?.device)
    .filter((device) => device instanceof VirtioConsole);
}
