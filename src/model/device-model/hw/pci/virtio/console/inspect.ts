import { below, listNode, type Node } from "../../../../../inspect/node.ts";
import { stateNode } from "../../../../../inspect/state-node.ts";
import { structNode } from "../../../../../inspect/struct-node.ts";
import { bytesPlace, deviceNode, devicePath } from "../../inspect.ts";
import type { PciVdev } from "../../vdev.ts";
import { virtioConsoleConfig } from "./abi.ts";
import { ConsoleBackend } from "./backend.ts";
import { ConsolePort, VirtioConsole } from "./console.ts";

/** How a console shows what it keeps. */

export function consoleNode(console: VirtioConsole, path: string): Node {
  const at = `${path}.console`;
  return stateNode(VirtioConsole.state, console, "console", {
    path: at,
    instead: {
      config: () => structNode("config", virtioConsoleConfig, bytesPlace(console.config), { path: `${at}.config` }),
      ports: () =>
        listNode(
          "ports",
          `${at}.ports`,
          () => console.nports,
          (i, label, p) => portNode(console.ports[i], label, p),
        ),
    },
  });
}

const portNode = (port: ConsolePort, name: string, path: string | undefined): Node =>
  stateNode(ConsolePort.state, port, name, {
    path,
    summary: () => `{port ${port.id} ${port.name}}`,
    instead: { backend: () => (port.backend === undefined ? [] : backendNode(port.backend, "backend", path)) },
  });

const backendNode = (be: ConsoleBackend, name: string, portPath: string | undefined): Node =>
  stateNode(ConsoleBackend.state, be, name, { path: below(portPath, "backend"), summary: () => `{${be.beType}}` });

function portPath(port: ConsolePort): string | undefined {
  const index = port.console.ports.indexOf(port);
  return index < 0 ? undefined : `${devicePath(port.console.base.dev)}.console.ports[${index}]`;
}

/** An argument that is one of the console's structures. */
export function describeConsole(value: unknown, name?: string): Node | undefined {
  if (value instanceof VirtioConsole) return deviceNode(value.base.dev, name ?? "console");
  if (value instanceof ConsolePort) return portNode(value, name ?? "port", portPath(value));
  if (!(value instanceof ConsoleBackend)) return undefined;
  return backendNode(value, name ?? "be", value.port === undefined ? undefined : portPath(value.port));
}

/** The console's PCI function, of one of its structures. */
export function deviceOfConsole(value: unknown): PciVdev | undefined {
  if (value instanceof VirtioConsole) return value.base.dev;
  return value instanceof ConsolePort || value instanceof ConsoleBackend ? value.console.base.dev : undefined;
}
