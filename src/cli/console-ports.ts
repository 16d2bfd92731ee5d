import type { MachineSpec } from "../model/protocol/machine.ts";
import { usage } from "./options.ts";

/** A port of a virtio-console, as its `-s` option names it. */
interface ConsolePort {
  readonly type: string;
  /** `@`: the guest has /dev/hvcN for it. */
  readonly isConsole: boolean;
}

/** Ports of each virtio-console in the order of their slots, which is the order the guest finds them in. */
function consoles(spec: MachineSpec): { readonly slot: number; readonly ports: readonly ConsolePort[] }[] {
  return spec.config.slots
    .filter((slot) => slot.emul === "virtio-console")
    .sort((a, b) => a.bus - b.bus || a.slot - b.slot || a.func - b.func)
    .map(({ slot, opts }) => ({
      slot,
      ports: (opts ?? "")
        .split(",")
        .filter((port) => port.includes(":"))
        .map((port) => ({ type: port.replace(/^@/, "").split(":")[0].toLowerCase(), isConsole: port.startsWith("@") })),
    }));
}

/** Which device is traced, and what is typed to have it kicked. */
export interface KickPlan {
  readonly slot: number;
  /** A line for the guest's shell; undefined for queues that are kicked only while the driver starts. */
  readonly provoke: string | undefined;
}

/**
 * How kicks of `queue` of the first virtio-console come about. Throws a usage error where they never would:
 * a port that is not configured, a second kick of an input queue, no console to type at.
 */
export function planKicks(spec: MachineSpec, queue: number, kicks: number): KickPlan {
  const all = consoles(spec);
  const device = all[0];
  if (device === undefined) throw usage("there is no virtio-console to trace; add -s 3,virtio-console,@stdio:port");
  const { slot, ports } = device;
  if (queue === 2 || queue === 3) return { slot, provoke: undefined };
  const id = queue < 2 ? 0 : (queue >> 1) - 1;
  const port = ports[id];
  if (port === undefined) {
    throw usage(`--queue ${queue} belongs to port ${id}, but the console in slot ${slot} has ${ports.length} port(s)`);
  }
  if (queue % 2 === 0) {
    if (kicks > 1) throw usage(`--kicks ${kicks}: an input queue is kicked once, then the device asks for no more`);
    return { slot, provoke: undefined };
  }
  if (!hasShell(spec)) throw usage("kicks are provoked by typing at a console; give one port @stdio, as @stdio:port");
  if (port.type === "stdio" && port.isConsole) return { slot, provoke: "" };
  const before = ports.slice(0, id).filter((other) => other.isConsole).length;
  return { slot, provoke: `echo kick >/dev/${port.isConsole ? `hvc${before}` : `vport0p${id}`}` };
}

/** Whether this terminal would be connected to a console with a shell. */
export function hasShell(spec: MachineSpec): boolean {
  return consoles(spec).some((device) => device.ports.some((port) => port.type === "stdio" && port.isConsole));
}
