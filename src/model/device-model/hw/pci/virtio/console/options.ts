import type { IothreadsChoice } from "../../../../core/iothread-options.ts";
import type { DeviceOptions, KickPlace, KickPlan, Refusal } from "../../device-options.ts";
import { type PortOption, parsePortOption, splitIothreadOption, VIRTIO_CONSOLE_MAXPORTS } from "./parse.ts";

/** What follows `virtio-console` in `-s`, typed. */
export interface ConsoleOptions {
  /** The `iothread` extension, undefined without it. */
  readonly iothreads: IothreadsChoice | undefined;
  /** In the order of the command line, which is that of their numbers. */
  readonly ports: readonly PortOption[];
}

const PORTS =
  "Expected ports such as @stdio:name, pty:name, tty:name=path, file:name=path or socket:name=path[:server|client], " +
  "separated by commas.";

/**
 * What acrn-dm finds wrong when it makes the device (devicemodel/hw/pci/virtio/virtio_console.c) and ends then is refused
 * here before anything is opened, with the same words.
 */
function parse(text: string | undefined): { readonly options: ConsoleOptions } | { readonly refusal: Refusal } {
  const refused = (said: string, advice = PORTS) => ({ refusal: { said, advice } });
  if (text === undefined) return refused("vtcon: invalid opts");
  const { iothreads, rest, error } = splitIothreadOption(text);
  if (error !== undefined)
    return refused(error, "Expected a number from 1 on, as in iothread=2, or CPUs as well: iothread=2@0:1/2.");
  const ports: PortOption[] = [];
  for (const option of rest.split(",")) {
    const port = parsePortOption(option);
    if ("error" in port) return refused(port.error);
    if (port.portpath === "" && port.type !== "pty") return refused(`vtcon: portpath missing for ${port.portname}`);
    if (port.type === "socket" && port.portpath === undefined) return refused("vtcon: portpath is NULL");
    if (!["server", "client", undefined].includes(port.socketType)) return refused("Socket type not exist");
    ports.push(port);
  }
  if (ports.length > VIRTIO_CONSOLE_MAXPORTS) {
    const advice = `It has ${ports.length} ports, ${VIRTIO_CONSOLE_MAXPORTS} are possible. Give another device the rest.`;
    return refused("vtcon: virtio_console_add_port failed", advice);
  }
  return { options: { iothreads, ports } };
}

/** Port 0 has queues 0 and 1, the control port 2 and 3, port n > 0 has 2n + 2 and 2n + 3; even ones carry input. */
function kick(
  options: ConsoleOptions,
  queue: number,
  place: KickPlace<ConsoleOptions>,
): KickPlan | { refusal: string } {
  if (queue === 2 || queue === 3) return { provoke: undefined };
  const { ports } = options;
  const id = queue < 2 ? 0 : (queue >> 1) - 1;
  const port = ports[id];
  if (port === undefined) return { refusal: `belongs to port ${id}, but the device has ${ports.length} port(s)` };
  if (queue % 2 === 0) {
    const why = "an input queue is kicked once, then the device asks for no more";
    return { provoke: undefined, atMost: { kicks: 1, why } };
  }
  if (port.type === "stdio" && port.isConsole) return { provoke: "" };
  if (!port.isConsole) return { provoke: `echo kick >/dev/vport${place.virtioIndex}p${id}` };
  const before = [...place.before.flatMap((other) => other.ports), ...ports.slice(0, id)];
  return { provoke: `echo kick >/dev/hvc${before.filter(({ isConsole }) => isConsole).length}` };
}

export const consoleOptions: DeviceOptions<ConsoleOptions> = {
  syntax: `port[,port...], up to ${VIRTIO_CONSOLE_MAXPORTS} ports
  port: [@]stdio:name | [@]pty:name | [@]tty:name=path | [@]file:name=path | [@]socket:name=path[:server|client]
  @ makes it a console (/dev/hvcN in the guest); without it the port is /dev/vportNpM
  iothread[=n] before the first port: kicks go through an ioeventfd to n iothreads (an extension, not in acrn-dm);
  iothread=n@cpu[:cpu...][/cpu...] names CPUs of the Service VM for each, as for virtio-blk, which changes nothing here`,
  example: "@stdio:console0",
  parse,
  terminals: ({ ports }) => ports.map(({ portname, type, isConsole }) => ({ name: portname, kind: type, isConsole })),
  stdioToPty: (options) => ({
    ...options,
    ports: options.ports.map((port) => (port.type === "stdio" ? { ...port, type: "pty" } : port)),
  }),
  withIothread: (options) => ({ ...options, iothreads: options.iothreads ?? { num: 1, cpusets: [] } }),
  tracedQueue: 1,
  kick,
};
