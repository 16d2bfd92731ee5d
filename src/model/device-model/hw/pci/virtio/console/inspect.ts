import { groupNode, listNode, type Node, valueNode } from "../../../../../inspect/node.ts";
import { structNode } from "../../../../../inspect/struct-node.ts";
import { bytesPlace, deviceNode, devicePath } from "../../inspect.ts";
import type { PciVdev } from "../../vdev.ts";
import { virtioConsoleConfig } from "./abi.ts";
import { ConsoleBackend } from "./backend.ts";
import { ConsolePort, VirtioConsole } from "./console.ts";

/** How a console shows what it keeps. */

export function consoleNode(console: VirtioConsole, path: string): Node {
  const at = `${path}.console`;
  const fields = (): Node[] => [
    valueNode("ready", () => console.ready, { path: `${at}.ready`, about: "the guest has sent DEVICE_READY" }),
    structNode("config", virtioConsoleConfig, bytesPlace(console.config), { path: `${at}.config` }),
    listNode(
      "ports",
      `${at}.ports`,
      () => console.nports,
      (i, label, p) => portNode(console.ports[i], label, p),
    ),
  ];
  return groupNode("console", fields, { path: at, type: "struct virtio_console" });
}

function portNode(port: ConsolePort, name: string, path?: string): Node {
  const value = (field: string, get: () => number | string | boolean, about?: string): Node =>
    valueNode(field, get, { path: path === undefined ? undefined : `${path}.${field}`, about });
  const fields = (): Node[] => [
    value("id", () => port.id),
    value("name", () => port.name),
    value("enabled", () => port.enabled),
    value("is_console", () => port.isConsole, "the guest makes it /dev/hvcN"),
    value("rx_ready", () => port.rxReady, "the guest has kicked its input queue once"),
    value("open", () => port.open, "the host's side is open"),
    value("txq", () => port.txq, "queue host to guest"),
    value("rxq", () => port.rxq, "queue guest to host"),
    ...(port.backend === undefined ? [] : [backendNode(port.backend, "backend", path)]),
  ];
  return groupNode(name, fields, {
    path,
    type: "struct virtio_console_port",
    summary: () => `{port ${port.id} ${port.name}}`,
  });
}

function backendNode(be: ConsoleBackend, name: string, path?: string): Node {
  const value = (field: string, get: () => number | string | boolean | undefined, about?: string): Node =>
    valueNode(field, get, { path: path === undefined ? undefined : `${path}.backend.${field}`, about });
  const fields = (): Node[] => [
    value("type", () => be.beType),
    value("path", () => be.portpath),
    value("connected", () => be.fd !== undefined, "there is somewhere to write to"),
    value("bytes_read", () => be.bytesRead, "taken from the host"),
    value("bytes_written", () => be.bytesWritten, "taken by the host"),
  ];
  return groupNode(name, fields, { type: "struct virtio_console_backend", summary: () => `{${be.beType}}` });
}

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
