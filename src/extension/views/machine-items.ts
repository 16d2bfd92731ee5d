import { hex } from "../../shared/hex.ts";
import type { Overview } from "../../webview/messages.ts";

/** The Machine tree as data: what is shown of an overview, with a name for each item that stays the same. */

export interface MachineItem {
  /** Unique, and the same in each look. */
  readonly id: string;
  readonly label: string;
  /** Stands behind the label; a change of it is marked. */
  readonly value: string;
  readonly tooltip?: string;
  /** Name of a codicon. */
  readonly icon?: string;
  /** For the menus: "queue", "path"; with something to copy every item is "value". */
  readonly kind?: "queue" | "path";
  readonly queue?: { readonly slot: number; readonly queue: number };
  /** Path of a pseudo-terminal, file or socket. */
  readonly path?: string;
  readonly children: readonly MachineItem[];
}

/** Fills `{0}`, `{1}`, … in the user's language. */
export type Translate = (text: string, ...values: (string | number)[]) => string;

type Device = Overview["devices"][number];
type Queue = NonNullable<Device["virtio"]>["queues"][number];
type Section = Device["sections"][number];
type Value = Section["rows"][number]["value"];

const leaf = (
  id: string,
  label: string,
  value: string | number | boolean,
  more: Partial<MachineItem> = {},
): MachineItem => ({
  id,
  label,
  value: String(value),
  children: [],
  ...more,
});

const group = (id: string, label: string, icon: string, children: readonly MachineItem[], value = ""): MachineItem => ({
  id,
  label,
  value,
  icon,
  children,
});

/** Roots of the tree. */
export function machineItems(overview: Overview, t: Translate): MachineItem[] {
  const { vm, clients, ioeventfds, irqfds, ioapic } = overview;
  return [
    group("vm", vm.name, "vm", counters(overview, t), t("{0}, {1} vCPU", vm.state, vm.vcpus)),
    group(
      "slots",
      t("ioreq slots"),
      "inbox",
      overview.slots.map((slot) => slotItem(slot, t)),
    ),
    group(
      "clients",
      t("ioreq clients"),
      "organization",
      clients.map((client) => clientItem(client, t)),
    ),
    group(
      "ioeventfds",
      "ioeventfds",
      "bell",
      ioeventfds.map(({ fd, type, address, length, data, count }) =>
        leaf(
          `ioeventfd/${type}/${address}/${data ?? "any"}`,
          `${type} ${hex(address)}`,
          t(
            "{0} bytes, data {1}, eventfd {2}, count {3}",
            length,
            data === undefined ? t("any") : hex(data),
            fd,
            count,
          ),
        ),
      ),
      String(ioeventfds.length),
    ),
    ...(irqfds.length === 0
      ? []
      : [
          group(
            "irqfds",
            "irqfds",
            "bell-dot",
            irqfds.map(({ fd, msiAddress, msiData }) =>
              leaf(`irqfd/${fd}`, `eventfd ${fd}`, t("MSI address {0}, data {1}", hex(msiAddress), hex(msiData))),
            ),
          ),
        ]),
    group(
      "devices",
      t("PCI devices"),
      "circuit-board",
      overview.devices.map((device) => deviceItem(device, t)),
    ),
    group(
      "ioapic",
      "I/O APIC",
      "zap",
      ioapic.map(({ pin, entry, level }) =>
        leaf(`ioapic/${pin}`, t("pin {0}", pin), t("{0}, level {1}", entry, level)),
      ),
    ),
  ];
}

function counters({ kicks, exits, upcalls, timeNs }: Overview, t: Translate): MachineItem[] {
  return [
    leaf("vm/kicks", t("Kicks"), kicks),
    leaf("vm/exits/port", t("Port I/O exits"), exits.port),
    leaf("vm/exits/mmio", t("MMIO exits"), exits.mmio),
    leaf("vm/upcalls", t("Upcalls"), upcalls, { tooltip: t("Interrupts 0xF3 the Service VM has taken") }),
    leaf("vm/time", t("Machine time"), `${(timeNs / 1e9).toFixed(3)} s`),
  ];
}

function slotItem(slot: Overview["slots"][number], t: Translate): MachineItem {
  const id = `slot/${slot.slot}`;
  return group(
    id,
    t("slot {0}", slot.slot),
    "symbol-event",
    [
      leaf(`${id}/state`, t("state"), slot.state),
      leaf(`${id}/type`, t("type"), slot.type),
      leaf(`${id}/direction`, t("direction"), slot.direction),
      leaf(`${id}/address`, t("address"), hex(slot.address)),
      leaf(`${id}/size`, t("size"), t("{0} bytes", slot.size)),
      leaf(`${id}/value`, t("value"), hex(slot.value)),
      leaf(`${id}/kernel_handled`, "kernel_handled", slot.kernelHandled),
    ],
    slot.state === "FREE" ? slot.state : `${slot.state}, ${slot.type} ${slot.direction} ${hex(slot.address)}`,
  );
}

function clientItem({ name, isDefault, requests, ranges }: Overview["clients"][number], t: Translate): MachineItem {
  const id = `client/${name}`;
  const items = ranges.map(({ type, start, end }) =>
    leaf(`${id}/${type}/${start}`, t("range"), t("{0} {1} to {2}", type, hex(start), hex(end))),
  );
  const what = isDefault ? t("takes what no range claims") : t("{0} ranges", ranges.length);
  const value = requests === 0 ? what : t("{0}; has requests {1}", what, hex(requests));
  return { ...group(id, name, "person", items, value), tooltip: t("Bit n of its requests: the request of vCPU n") };
}

function deviceItem(device: Device, t: Translate): MachineItem {
  const { bus, slot, func, name, bars, virtio } = device;
  const id = `device/${bus}/${slot}/${func}`;
  const items = [
    ...bars.map(({ index, type, address, size }) =>
      leaf(`${id}/bar/${index}`, `BAR ${index}`, t("{0} {1}, {2} bytes", type, hex(address), size)),
    ),
    leaf(`${id}/interrupt`, t("interrupt"), interruptText(device, t)),
    ...(virtio === undefined
      ? []
      : [
          leaf(`${id}/status`, t("status"), `${virtio.statusNames} (${hex(virtio.status)})`),
          leaf(`${id}/isr`, "ISR", hex(virtio.isr)),
          leaf(`${id}/features`, t("features"), hex(virtio.features)),
        ]),
    ...device.sections.map((section) => sectionItem(id, section, t)),
    ...shownQueues(virtio?.queues ?? []).map((queue) => queueItem(id, slot, queue, t)),
  ];
  const icon = virtio === undefined ? "circuit-board" : device.terminals.length === 0 ? "plug" : "terminal";
  return group(id, `${bus}:${slot}.${func}`, icon, items, name);
}

function interruptText({ interrupt, intx }: Device, t: Translate): string {
  if (interrupt === "none") return t("none");
  return interrupt === "INTx" ? t("INTx {0}, GSI {1}", intx.state, intx.gsi) : interrupt;
}

/** A device may have queues that its driver has no use for. */
const shownQueues = (queues: readonly Queue[]): readonly Queue[] => {
  const ready = queues.filter((queue) => queue.ready);
  return ready.length > 0 ? ready : queues.slice(0, 2);
};

function sectionItem(device: string, { id, label, value, icon, path, rows }: Section, t: Translate): MachineItem {
  const at = `${device}/${id}`;
  const items = rows.map((row) => leaf(`${at}/${row.id}`, said(row.label, t), said(row.value, t)));
  const item = group(at, said(label, t), icon ?? "list-unordered", items, value);
  return path === undefined ? item : { ...item, kind: "path", path };
}

const said = (value: Value, t: Translate): string =>
  typeof value === "object" ? t(value.text, ...value.values) : String(value);

function queueItem(device: string, slot: number, queue: Queue, t: Translate): MachineItem {
  const id = `${device}/queue/${queue.queue}`;
  const items = [
    leaf(`${id}/avail`, "avail.idx", queue.availIdx),
    leaf(`${id}/taken`, t("taken to"), queue.lastAvail),
    leaf(`${id}/used`, "used.idx", queue.usedIdx),
    leaf(`${id}/size`, t("size"), queue.size),
    leaf(`${id}/rings`, t("rings at"), queue.ready ? ringAddresses(queue) : t("not set up")),
    leaf(`${id}/flags`, t("flags"), flags(queue)),
    leaf(`${id}/vector`, t("MSI-X vector"), queue.msixVector === 0xffff ? t("none") : queue.msixVector),
    leaf(`${id}/ioeventfd`, "ioeventfd", queue.ioeventfd),
  ];
  const purpose = [queue.purpose, queue.direction === undefined ? undefined : t(queue.direction)]
    .filter(Boolean)
    .join(", ");
  const indices = queue.ready ? `${queue.availIdx} › ${queue.lastAvail} › ${queue.usedIdx}` : t("not set up");
  const value = purpose === "" ? indices : `${purpose}: ${indices}`;
  return {
    ...group(id, t("queue {0}", queue.queue), "list-ordered", items, value),
    tooltip: t("avail.idx › taken to › used.idx"),
    kind: "queue",
    queue: { slot, queue: queue.queue },
  };
}

const ringAddresses = ({ descAddress, availAddress, usedAddress }: Queue): string =>
  `desc ${hex(descAddress)}, avail ${hex(availAddress)}, used ${hex(usedAddress)}`;

function flags({ noNotify, noInterrupt }: Queue): string {
  return (
    [noNotify ? "NO_NOTIFY" : "", noInterrupt ? "NO_INTERRUPT" : ""].filter((name) => name !== "").join("|") || "0"
  );
}

/** Ids of the items whose value differs from the one they had; new ones do not count. */
export function changedItems(before: readonly MachineItem[], now: readonly MachineItem[]): Set<string> {
  const values = new Map<string, string>();
  visit(before, ({ id, value }) => values.set(id, value));
  const changed = new Set<string>();
  visit(now, ({ id, value }) => {
    const old = values.get(id);
    // The clock always changes.
    if (old !== undefined && old !== value && id !== "vm/time") changed.add(id);
  });
  return changed;
}

function visit(items: readonly MachineItem[], see: (item: MachineItem) => void): void {
  for (const item of items) {
    see(item);
    visit(item.children, see);
  }
}
