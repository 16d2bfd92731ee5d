import { exampleSlot } from "../model/device-model/command-line/pci-slot.ts";
import {
  hasShell as hasShellAmong,
  kickedSlots,
  kickPlan,
  shellSlot,
} from "../model/device-model/hw/pci/configured.ts";
import { findDevice } from "../model/device-model/hw/pci/device-class.ts";
import { builtInDeviceClasses } from "../model/device-model/hw/pci/devices.ts";
import type { MachineSpec } from "../model/protocol/machine.ts";
import { usage } from "./options.ts";

/** Which device is traced, and what is typed to have it kicked. */
export interface KickPlan {
  readonly slot: number;
  readonly queue: number;
  /** A line for the guest's shell; undefined for queues that are kicked only while the driver starts. */
  readonly provoke: string | undefined;
}

/**
 * How kicks of `queue` of the device in `slot` come about; without them, of the first device that can be traced and of the
 * queue it names. Throws a usage error
 * where they never would: a queue nobody uses, more kicks than ever come, no console to type at.
 */
export function planKicks(
  spec: MachineSpec,
  { queue: wanted, kicks, slot }: { readonly queue?: number; readonly kicks: number; readonly slot?: number },
): KickPlan {
  const { slots } = spec.config;
  const devices = kickedSlots(slots, builtInDeviceClasses);
  const device = slot === undefined ? devices[0] : devices.find((candidate) => candidate.slot === slot);
  if (device === undefined) {
    const where = slot === undefined ? "" : ` in slot ${slot}`;
    throw usage(`there is no device to trace${where}; add ${exampleSlot(builtInDeviceClasses)}`);
  }
  const queue = wanted ?? findDevice(builtInDeviceClasses, device.emul)?.options.tracedQueue ?? 0;
  const plan = kickPlan(device, queue, slots, builtInDeviceClasses);
  if ("refusal" in plan) throw usage(`--queue ${queue} of the ${device.emul} in slot ${device.slot} ${plan.refusal}`);
  const { provoke, atMost } = plan;
  if (atMost !== undefined && kicks > atMost.kicks) throw usage(`--kicks ${kicks}: ${atMost.why}`);
  if (provoke !== undefined && !hasShell(spec)) {
    throw usage("kicks are provoked by typing at a console; give one port @stdio, as @stdio:port");
  }
  return { slot: device.slot, queue, provoke };
}

/** Where input that is typed arrives: the console with a shell. Throws a usage error where there is none. */
export function planInput(
  spec: MachineSpec,
  { queue, slot }: { readonly queue?: number | undefined; readonly slot?: number | undefined },
): { readonly slot: number; readonly queue: number } {
  if (queue !== undefined) throw usage("--input has no --queue: what is typed arrives at the console's own");
  const device = shellSlot(spec.config.slots, builtInDeviceClasses);
  if (device === undefined) throw usage("input is typed at a console; give one port @stdio, as @stdio:port");
  if (slot !== undefined && slot !== device.slot) throw usage(`--input arrives at the console in slot ${device.slot}`);
  return { slot: device.slot, queue: 0 };
}

/** Whether this terminal would be connected to a console with a shell. */
export const hasShell = ({ config }: MachineSpec): boolean => hasShellAmong(config.slots, builtInDeviceClasses);
