import { msiCapability, msixCapability, msixTableEntry, PciCapability, pciConfig } from "../../abi/pci.ts";
import { virtioConsoleConfig } from "../../abi/virtio.ts";
import { PciVdev } from "../../device-model/hw/pci/vdev.ts";
import { VirtioBase, virtioOf } from "../../device-model/hw/pci/virtio/base.ts";
import { ConsoleBackend } from "../../device-model/hw/pci/virtio/console/backend.ts";
import { ConsolePort, VirtioConsole } from "../../device-model/hw/pci/virtio/console/console.ts";
import { VirtioIothread, VirtioVqInfo } from "../../device-model/hw/pci/virtio/virtqueue.ts";
import { previewBytes } from "../../inspect/format.ts";
import { groupNode, listNode, type Node, valueNode } from "../../inspect/node.ts";
import { type Place, structNode } from "../../inspect/struct-node.ts";
import { queueNode } from "./virtqueue.ts";

/** What acrn-dm keeps of its devices. Paths begin with `devices[slot]`. */

export const devicePath = (dev: PciVdev): string => `devices[${dev.slot}]`;

export function devicesNode(devices: () => readonly PciVdev[]): Node {
  const at = (slot: number): PciVdev | undefined => devices().find((dev) => dev.slot === slot && dev.func === 0);
  const none = (name: string): Node => valueNode(name, () => undefined, { about: "no device in this slot" });
  return {
    ...listNode(
      "devices",
      "devices",
      () => Math.max(-1, ...devices().map((dev) => dev.slot)) + 1,
      (slot, name) => {
        const dev = at(slot);
        return dev === undefined ? none(name) : deviceNode(dev, name);
      },
      { about: "functions of PCI bus 0, by slot" },
    ),
    fields: () => devices().map((dev) => deviceNode(dev, `[${dev.slot}]`)),
    summary: () => `${devices().length} devices`,
  };
}

/** Its value is its slot. */
export function deviceNode(dev: PciVdev, name: string): Node {
  const path = devicePath(dev);
  const base = virtioOf(dev);
  const fields = (): Node[] => [
    valueNode("name", () => dev.name),
    ...(base === undefined ? [] : virtioFields(base, path)),
    configNode(dev, path),
    barsNode(dev, path),
    lintrNode(dev, path),
    ...(dev.msix.table === undefined ? [] : [msixNode(dev, path)]),
    ...capability(dev, path, PciCapability.MSI),
  ];
  return { name, path, get: () => dev.slot, type: "struct pci_vdev", summary: () => `{${dev.name}}`, fields };
}

/** The transport's registers, and what the device has behind them. */
function virtioFields(base: VirtioBase, path: string): Node[] {
  return [
    ...(base.transport?.registers(base, path) ?? []),
    listNode(
      "queues",
      `${path}.queues`,
      () => base.queues.length,
      (index, label, at) => queueNode(base.queues[index], label, at ?? ""),
      {
        about: "virtqueues; even: host to guest, odd: guest to host (console)",
      },
    ),
    ...(base.device instanceof VirtioConsole ? [consoleNode(base.device, path)] : []),
  ];
}

const bytesPlace = (view: DataView, base = 0, writable = false): Place => ({
  view: () => view,
  base: () => base,
  ...(writable ? { changed: () => {} } : {}),
});

const configNode = (dev: PciVdev, path: string): Node =>
  structNode("config", pciConfig, bytesPlace(dev.cfgview), {
    path: `${path}.config`,
    summary: () => "{configuration space}",
  });

/** A capability of the list, if the device has it. */
function capability(dev: PciVdev, path: string, id: number): Node[] {
  let at = dev.cfgview.getUint8(pciConfig.at.cap_ptr);
  for (let i = 0; i < 48 && at >= 0x40 && at < 0xf8; i++) {
    if (dev.cfgview.getUint8(at) === id) {
      const struct = id === PciCapability.MSI ? msiCapability : msixCapability;
      if (at + struct.size > dev.cfgview.byteLength) return [];
      const name = id === PciCapability.MSI ? "msi" : "capability";
      return [structNode(name, struct, bytesPlace(dev.cfgview, at), { path: `${path}.${name}` })];
    }
    at = dev.cfgview.getUint8(at + 1);
  }
  return [];
}

function barsNode(dev: PciVdev, path: string): Node {
  return listNode(
    "bar",
    `${path}.bar`,
    () => dev.bar.length,
    (index, label, at) => {
      const bar = dev.bar[index];
      const fields = (): Node[] => [
        valueNode("type", () => bar.type),
        valueNode("addr", () => bar.addr, { path: `${at}.addr`, hex: true, about: "port or guest-physical address" }),
        valueNode("size", () => bar.size, { about: "bytes" }),
        valueNode("sizing", () => bar.sizing, { about: "all ones were written while decoding was on" }),
      ];
      return groupNode(label, fields, {
        path: at,
        summary: () => (bar.type === "NONE" ? "none" : `${bar.type} 0x${bar.addr.toString(16)}, ${bar.size} bytes`),
      });
    },
  );
}

function lintrNode(dev: PciVdev, path: string): Node {
  const { lintr } = dev;
  const fields = (): Node[] => [
    valueNode("pin", () => lintr.pin, { about: "0 none, 1 INTA to 4 INTD" }),
    valueNode("state", () => lintr.state, {
      path: `${path}.lintr.state`,
      about: "PENDING: forbidden by MSI, MSI-X or INTxDIS",
    }),
    valueNode("ioapic_irq", () => lintr.ioapicIrq, { about: "I/O APIC pin" }),
  ];
  return groupNode("lintr", fields, { path: `${path}.lintr`, summary: () => `{${lintr.state}}` });
}

function msixNode(dev: PciVdev, path: string): Node {
  const { msix } = dev;
  const fields = (): Node[] => [
    valueNode("enabled", () => msix.enabled, { path: `${path}.msix.enabled` }),
    valueNode("function_mask", () => msix.functionMask, { path: `${path}.msix.function_mask` }),
    listNode(
      "table",
      `${path}.msix.table`,
      () => msix.tableCount,
      (index, label, at) =>
        structNode(
          label,
          msixTableEntry,
          {
            view: () => msix.table ?? new DataView(new ArrayBuffer(0)),
            base: () => index * msixTableEntry.size,
            changed: () => {},
          },
          { path: at },
        ),
      { about: "MSI-X table: an entry a vector" },
    ),
    ...capability(dev, `${path}.msix`, PciCapability.MSIX),
  ];
  return groupNode("msix", fields, {
    path: `${path}.msix`,
    summary: () => (msix.enabled ? "{enabled}" : "{disabled}"),
  });
}

function consoleNode(console: VirtioConsole, path: string): Node {
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

/** An argument that is one of acrn-dm's structures. */
export function describeDevice(value: unknown, name?: string): Node | undefined {
  if (value instanceof VirtioVqInfo)
    return queueNode(value, name ?? "vq", `${devicePath(value.base.dev)}.queues[${value.num}]`);
  if (value instanceof VirtioBase) return deviceNode(value.dev, name ?? "base");
  if (value instanceof PciVdev) return deviceNode(value, name ?? "dev");
  if (value instanceof VirtioConsole) return deviceNode(value.base.dev, name ?? "console");
  if (value instanceof ConsolePort) return portNode(value, name ?? "port", portPath(value));
  if (value instanceof ConsoleBackend)
    return backendNode(value, name ?? "be", value.port === undefined ? undefined : portPath(value.port));
  if (value instanceof VirtioIothread)
    return queueNode(value.vq, name ?? "viothrd", `${devicePath(value.vq.base.dev)}.queues[${value.vq.num}]`);
  return undefined;
}

function portPath(port: ConsolePort): string | undefined {
  const index = port.console.ports.indexOf(port);
  return index < 0 ? undefined : `${devicePath(port.console.base.dev)}.console.ports[${index}]`;
}

/** The queue an argument is or belongs to. */
export function queueOf(value: unknown): VirtioVqInfo | undefined {
  if (value instanceof VirtioVqInfo) return value;
  return value instanceof VirtioIothread ? value.vq : undefined;
}

/** The PCI function an argument is or belongs to. */
export function deviceOf(value: unknown): PciVdev | undefined {
  if (value instanceof PciVdev) return value;
  if (value instanceof VirtioBase) return value.dev;
  if (value instanceof VirtioConsole) return value.base.dev;
  if (value instanceof ConsolePort) return value.console.base.dev;
  if (value instanceof ConsoleBackend) return value.console.base.dev;
  return queueOf(value)?.base.dev;
}

/** A buffer or chain that a function was given: its fields, and what is in it. */
export function describePlain(value: object): Node | undefined {
  if ("iov" in value && "idx" in value) return undefined;
  if ("bytes" in value && value.bytes instanceof Uint8Array) {
    const { bytes } = value;
    const address = "address" in value ? Number(value.address) : undefined;
    const memory = address === undefined ? undefined : (): string => `guest:0x${address.toString(16)}`;
    const fields = (): Node[] => [
      valueNode("address", () => address, { hex: true, memory, about: "guest-physical" }),
      valueNode("len", () => bytes.length, { about: "bytes" }),
    ];
    return groupNode("iov", fields, { memory, type: "struct iovec", summary: () => previewBytes(bytes) });
  }
  const scalars = Object.entries(value).filter(([, field]) => typeof field === "number" || typeof field === "boolean");
  if (scalars.length === 0) return undefined;
  const fields = (): Node[] =>
    scalars.map(([name]) =>
      valueNode(name, () => (value as { [name: string]: number })[name], { hex: /addr|port|value|offset/.test(name) }),
    );
  return groupNode("access", fields);
}
