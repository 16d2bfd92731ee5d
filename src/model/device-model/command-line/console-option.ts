import type { LpcConfig, PciSlotConfig } from "../config.ts";
import {
  type PortOption,
  parsePortOption,
  splitIothreadOption,
  VIRTIO_CONSOLE_MAXPORTS,
} from "../hw/pci/virtio/console/parse.ts";
import { DmOptionError } from "./error.ts";

/**
 * What a virtio-console's configuration can be refused for before anything is opened. acrn-dm finds it out when it makes
 * the device (devicemodel/hw/pci/virtio/virtio_console.c) and ends then, with these words.
 */

const PORTS =
  "Expected ports such as @stdio:name, pty:name, tty:name=path, file:name=path or socket:name=path[:server|client], " +
  "separated by commas.";

/** Ports of a `-s` option for a virtio-console, `opts` what follows the device's name. Throws DmOptionError. */
export function parseConsoleOption(option: string, opts: string | undefined): readonly PortOption[] {
  const refuse = (said: string, advice = PORTS): never => {
    throw new DmOptionError(1, said, `-s ${option}: ${advice}`);
  };
  if (opts === undefined) return refuse("vtcon: invalid opts");
  const { rest, error } = splitIothreadOption(opts);
  if (error !== undefined) return refuse(error, "Expected a number from 1 on, as in iothread=2.");
  const ports = rest.split(",").map((text) => {
    const port = parsePortOption(text);
    if ("error" in port) return refuse(port.error);
    if (port.portpath === "" && port.type !== "pty") return refuse(`vtcon: portpath missing for ${port.portname}`);
    if (port.type === "socket" && port.portpath === undefined) return refuse("vtcon: portpath is NULL");
    if (!["server", "client", undefined].includes(port.socketType)) return refuse("Socket type not exist");
    return port;
  });
  if (ports.length > VIRTIO_CONSOLE_MAXPORTS) {
    const advice = `It has ${ports.length} ports, ${VIRTIO_CONSOLE_MAXPORTS} are possible. Give another device the rest.`;
    return refuse("vtcon: virtio_console_add_port failed", advice);
  }
  return ports;
}

/** Standard input serves one device of the whole process. Throws DmOptionError where two want it. */
export function checkStdio(slots: readonly PciSlotConfig[], lpc: readonly LpcConfig[]): void {
  const users: string[] = [];
  // Without the bridge there are no UARTs, and the last option for one counts.
  const uarts = slots.some(({ emul }) => emul === "lpc") ? lpc : [];
  for (const [name, { backend }] of new Map(uarts.map((uart) => [uart.port.toLowerCase(), uart]))) {
    if (backend?.split(",", 1)[0] === "stdio") users.push(name);
  }
  for (const { bus, slot, func, emul, opts } of slots) {
    if (emul !== "virtio-console") continue;
    for (const port of parseConsoleOption(`${slot},${emul},${opts}`, opts)) {
      if (port.type === "stdio") users.push(`port ${port.portname} of the console in ${bus}:${slot}:${func}`);
    }
  }
  if (users.length < 2) return;
  const advice = `${users.join(" and ")} want it. Give one of them stdio and the others pty, file or socket.`;
  throw new DmOptionError(1, "stdio is used by other device", advice);
}
