import { msiCapability, msixCapability, msixTableEntry, PciCapability, pciConfig } from "../../../abi/pci.ts";
import { groupNode, listNode, type Node, valueNode } from "../../../inspect/node.ts";
import { stateNode } from "../../../inspect/state-node.ts";
import { type Place, structNode } from "../../../inspect/struct-node.ts";
import { PciVdev, pciBarState } from "./vdev.ts";
import { VirtioBase, virtioOf } from "./virtio/base.ts";
import { VirtioIothread, VirtioVqInfo } from "./virtio/virtqueue.ts";
import { queueNode } from "./virtio/virtqueue-node.ts";

/** How acrn-dm shows what it keeps of its devices. Paths begin with `devices[slot]`. */

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
  return stateNode(PciVdev.state, dev, name, {
    path,
    get: () => dev.slot,
    summary: () => `{${dev.name}}`,
    instead: {
      arg: () => [...(base === undefined ? [] : virtioFields(base, path)), ...(dev.ops.view?.nodes?.(dev, path) ?? [])],
      cfgdata: () => configNode(dev, path),
      bar: () => barsNode(dev, path),
      msix: () => (dev.msix.table === undefined ? [] : msixNode(dev, path)),
      msi: () => capability(dev, path, PciCapability.MSI),
    },
  });
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
      { about: "virtqueues" },
    ),
  ];
}

export const bytesPlace = (view: DataView, base = 0, writable = false): Place => ({
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

const barsNode = (dev: PciVdev, path: string): Node =>
  listNode(
    "bar",
    `${path}.bar`,
    () => dev.bar.length,
    (index, label, at) => {
      const bar = dev.bar[index];
      return stateNode(pciBarState, bar, label, {
        path: at,
        summary: () => (bar.type === "NONE" ? "none" : `${bar.type} 0x${bar.addr.toString(16)}, ${bar.size} bytes`),
      });
    },
  );

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

/** An argument that is one of acrn-dm's structures, whatever the device. */
export function describeDevice(value: unknown, name?: string): Node | undefined {
  if (value instanceof VirtioVqInfo) return queueNode(value, name ?? "vq");
  if (value instanceof VirtioBase) return deviceNode(value.dev, name ?? "base");
  if (value instanceof PciVdev) return deviceNode(value, name ?? "dev");
  return value instanceof VirtioIothread ? queueNode(value.vq, name ?? "viothrd") : undefined;
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
  return queueOf(value)?.base.dev;
}
