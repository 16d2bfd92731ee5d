import assert from "node:assert/strict";
import { test } from "node:test";
import { changedItems, type MachineItem, machineItems } from "./machine-items.ts";
import { firstChoice, queueChoices, queueNameOf } from "./queues.ts";
import { overview, queue } from "./testing/overview.ts";

const t = (text: string, ...values: (string | number)[]): string =>
  text.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]));

function all(items: readonly MachineItem[]): MachineItem[] {
  return items.flatMap((item) => [item, ...all(item.children)]);
}

const find = (id: string, of = overview()): MachineItem | undefined =>
  all(machineItems(of, t)).find((item) => item.id === id);

test("every part of the machine is in the tree, each item with a name of its own", () => {
  const items = machineItems(overview(), t);
  assert.deepEqual(
    items.map(({ id }) => id),
    ["vm", "slots", "clients", "ioeventfds", "devices", "ioapic"],
  );
  const ids = all(items).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(find("slot/0")?.value, "PROCESSING, PORTIO WRITE 0x2010");
  assert.equal(find("client/acrndm")?.value, "takes what no range claims; has requests 0x1");
  assert.equal(find("ioeventfd/PORTIO/8208/1")?.value, "2 bytes, data 0x1, eventfd 5, count 0");
  assert.equal(find("device/0/3/0/bar/0")?.value, "IO 0x2000, 64 bytes");
  assert.equal(find("ioapic/2")?.value, "vector 0x30, level 0");
});

test("every sentence of the tree is given to the translator, with the fields in their places", () => {
  const machine = overview();
  const [bridge, console] = machine.devices;
  const intx = { ...console, interrupt: "INTx", intx: { state: "PENDING", gsi: 11 } } as const;
  const client = { name: "c", isDefault: false, requests: 0, ranges: [{ type: "PORTIO", start: 16, end: 31 }] };
  const translated = all(
    machineItems({ ...machine, devices: [bridge, intx], clients: [client] }, (text) => `<${text}>`),
  );
  const value = (id: string): string | undefined => translated.find((item) => item.id === id)?.value;
  assert.equal(value("ioapic/2"), "<{0}, level {1}>");
  assert.equal(value("device/0/3/0/interrupt"), "<INTx {0}, GSI {1}>");
  assert.equal(value("device/0/0/0/interrupt"), "<none>");
  assert.equal(value("client/c/PORTIO/16"), "<{0} {1} to {2}>");
  assert.equal(value("device/0/3/0/port/0/out"), "<{0} bytes>");
  assert.equal(translated.find(({ id }) => id === "device/0/3/0/port/0")?.label, "<port {0}>");
});

test("a queue tells its indices and which it is; a port its path", () => {
  const item = find("device/0/3/0/queue/1");
  assert.deepEqual(
    [item?.value, item?.kind, item?.queue],
    ["con, guest to host: 5 › 5 › 5", "queue", { slot: 3, queue: 1 }],
  );
  const port = find("device/0/3/0/port/0");
  assert.deepEqual([port?.value, port?.kind, port?.path], ["con: pty /dev/pts/9", "path", "/dev/pts/9"]);
});

test("queues nobody set up are left out, but not all of them", () => {
  const some = overview([queue(0), queue(1), queue(4, { ready: false })]);
  assert.equal(find("device/0/3/0/queue/4", some), undefined);
  const none = overview([0, 1, 2].map((number) => queue(number, { ready: false })));
  assert.equal(find("device/0/3/0/queue/1", none)?.value, "con, guest to host: not set up");
  assert.equal(find("device/0/3/0/queue/2", none), undefined);
});

test("changed values are found by name; new items and the clock are none", () => {
  const before = machineItems(overview(), t);
  const after = machineItems(overview([queue(0), queue(1, { availIdx: 6 }), queue(2)], 8), t);
  assert.deepEqual([...changedItems(before, after)].sort(), [
    "device/0/3/0/queue/1",
    "device/0/3/0/queue/1/avail",
    "vm/kicks",
  ]);
  assert.equal(changedItems([], after).size, 0);
});

test("choices of a queue, and which is shown first", () => {
  const machine = overview();
  const choices = queueChoices(machine, (text) => text);
  assert.deepEqual(
    choices.map(({ label }) => label),
    ["3: virtio-console-pci-3, 0 (con, host to guest)", "3: virtio-console-pci-3, 1 (con, guest to host)"],
  );
  assert.deepEqual(firstChoice(machine, choices, undefined), { slot: 3, queue: 1 });
  assert.deepEqual(firstChoice(machine, choices, { slot: 3, queue: 0 }), { slot: 3, queue: 0 });
  assert.deepEqual(firstChoice(machine, choices, { slot: 9, queue: 0 }), { slot: 3, queue: 1 });
  assert.equal(firstChoice(machine, [], undefined), undefined);
});

test("a command's argument may be anything", () => {
  assert.deepEqual(queueNameOf({ slot: 3, queue: 1, more: 1 }), { slot: 3, queue: 1 });
  for (const raw of [undefined, null, "x", {}, { slot: 3 }, { slot: "3", queue: 1 }])
    assert.equal(queueNameOf(raw), undefined);
});
