import type { PciSlotConfig } from "../../config.ts";
import { type DeviceClass, findDevice } from "./device-class.ts";
import type { KickPlan, TerminalOption } from "./device-options.ts";

/** What is known of devices by their options, before there is a machine. `classes`: what `-s` may name. */

type Classes = readonly DeviceClass[];

const compareAddress = (a: PciSlotConfig, b: PciSlotConfig): number =>
  a.bus - b.bus || a.slot - b.slot || a.func - b.func;

/** The ports of a device with an end on the host. */
export function configuredTerminals({ emul, options }: PciSlotConfig, classes: Classes): readonly TerminalOption[] {
  return findDevice(classes, emul)?.options.terminals?.(options) ?? [];
}

/** Whether a terminal on standard input and output is one the guest may run a shell on. */
export const hasShell = (slots: readonly PciSlotConfig[], classes: Classes): boolean =>
  shellSlot(slots, classes) !== undefined;

/** The device of that terminal. */
export function shellSlot(slots: readonly PciSlotConfig[], classes: Classes): PciSlotConfig | undefined {
  return slots.find((slot) =>
    configuredTerminals(slot, classes).some(({ kind, isConsole }) => kind === "stdio" && isConsole),
  );
}

/** A device with nothing but the workbench's own ports: its kicks are not what anybody looks at the machine for. */
export function isWorkbenchOwn(slot: PciSlotConfig, classes: Classes): boolean {
  const terminals = configuredTerminals(slot, classes);
  return terminals.length > 0 && terminals.every(({ kind }) => kind === "workbench");
}

/** Whether the guest has the workbench's own port of that name. */
export function hasWorkbenchPort(slots: readonly PciSlotConfig[], port: string, classes: Classes): boolean {
  return slots.some((slot) =>
    configuredTerminals(slot, classes).some(({ kind, name }) => kind === "workbench" && name === port),
  );
}

/** The slots with the terminal of standard input and output on a pseudo-terminal; undefined when there is none. */
export function withPty(slots: readonly PciSlotConfig[], classes: Classes): readonly PciSlotConfig[] | undefined {
  let found = false;
  const changed = slots.map((slot) => {
    const options = findDevice(classes, slot.emul)?.options;
    const hasStdio = configuredTerminals(slot, classes).some(({ kind }) => kind === "stdio");
    if (options?.stdioToPty === undefined || !hasStdio) return slot;
    found = true;
    return { ...slot, options: options.stdioToPty(slot.options) };
  });
  return found ? changed : undefined;
}

/** The slots with kicks that reach iothreads where the device can do that (mode B). */
export function withIothreads(slots: readonly PciSlotConfig[], classes: Classes): readonly PciSlotConfig[] {
  return slots.map((slot) => {
    const options = findDevice(classes, slot.emul)?.options;
    return options?.withIothread === undefined ? slot : { ...slot, options: options.withIothread(slot.options) };
  });
}

/** The devices whose kicks can be provoked, in the order in which the guest finds them. */
export function kickedSlots(slots: readonly PciSlotConfig[], classes: Classes): readonly PciSlotConfig[] {
  return slots.filter(({ emul }) => findDevice(classes, emul)?.options.kick !== undefined).sort(compareAddress);
}

/** How kicks of a queue of `device`, one of `slots`, come about; `refusal` where they never would. */
export function kickPlan(
  device: PciSlotConfig,
  queue: number,
  slots: readonly PciSlotConfig[],
  classes: Classes,
): KickPlan | { readonly refusal: string } {
  const before = slots.filter((slot) => compareAddress(slot, device) < 0).sort(compareAddress);
  const place = {
    virtioIndex: before.filter(({ emul }) => (findDevice(classes, emul)?.queues ?? 0) > 0).length,
    before: before.filter(({ emul }) => emul === device.emul).map(({ options }) => options),
  };
  const plan = findDevice(classes, device.emul)?.options.kick?.(device.options, queue, place);
  return plan ?? { refusal: `is of a ${device.emul}, and nobody knows what makes the guest kick that` };
}

/** Virtqueues of a device at most. */
export const mostQueues = (classes: Classes): number => Math.max(0, ...classes.map(({ queues }) => queues ?? 0));
