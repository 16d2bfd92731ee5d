import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "./capture.ts";
import { restore } from "./restore.ts";
import { StateTables } from "./saved-state.ts";
import { declareState, derived, first, hidden, outside, part, plain, record, seen, wiring } from "./state.ts";

/** A bus with devices, of which some come and go: every way of keeping a field. */
class Bus {
  static readonly state = declareState<Bus>("test.Bus", {
    name: wiring,
    devices: part,
    spare: plain,
    latch: record<Bus["latch"]>({ addr: plain, scratch: derived }),
    ram: part,
    byPort: plain,
    current: plain,
    last: seen,
    stack: first(seen, (bus: Bus) => bus.depth),
    depth: plain,
    "#count": hidden(
      plain,
      (bus: Bus) => bus.#count,
      (bus, count) => (bus.#count = count),
    ),
  });
  readonly name: string;
  readonly devices = [new Device(0), new Device(1)];
  readonly spare: Device[] = [];
  readonly latch = { addr: 0, scratch: "mine" };
  readonly ram = new Uint8Array(16);
  readonly byPort = new Map<number, Device>();
  current: Device | undefined;
  last: unknown;
  readonly stack: unknown[] = [undefined, undefined, undefined];
  depth = 0;
  #count = 0;

  constructor(name = "bus") {
    this.name = name;
  }

  count(): number {
    return ++this.#count;
  }
}

type Handler = (device: Device) => number;
const twice: Handler = (device) => 2 * device.id;

class Device {
  static readonly state = declareState<Device>(
    "test.Device",
    { id: plain, handler: plain, file: outside, peers: plain, sum: derived },
    {
      restored: (device) => {
        device.sum = device.peers.size;
      },
      busy: (device) => (device.id < 0 ? "a device is being made" : undefined),
    },
  );
  id: number;
  handler: Handler | undefined;
  file: { name: string } | undefined;
  readonly peers = new Set<Device>();
  sum = 0;

  constructor(id: number) {
    this.id = id;
  }
}

const tables = new StateTables([{ classes: [Bus, Device], named: { twice } }]);

function busy(): Bus {
  const bus = new Bus();
  const late = new Device(7);
  bus.spare.push(late);
  bus.byPort.set(0x3f8, late).set(0x60, bus.devices[1]);
  bus.current = late;
  late.handler = twice;
  late.peers.add(bus.devices[0]).add(late);
  bus.latch.addr = 5;
  bus.ram[3] = 9;
  bus.stack[0] = late;
  bus.stack[1] = "text";
  bus.stack[2] = new Error("beyond the depth");
  bus.depth = 2;
  bus.last = new Error("nobody else has it");
  bus.devices[0].file = { name: "mine" };
  bus.count();
  return bus;
}

test("what was saved is put back into another machine, the objects that came later made anew", () => {
  const { state } = capture(busy(), tables);
  const bus = new Bus("other");
  const { devices, ram, latch } = bus;
  bus.devices[0].file = { name: "theirs" };
  latch.scratch = "theirs";
  restore(bus, structuredClone(state), tables);
  assert.deepEqual(capture(bus, tables).state, state);
  const [late] = bus.spare;
  assert.ok(late instanceof Device);
  assert.deepEqual([bus.name, bus.current, bus.byPort.get(0x3f8), bus.stack[0]], ["other", late, late, late]);
  assert.deepEqual([bus.devices, bus.ram, bus.latch], [devices, ram, latch], "parts stay the objects they are");
  assert.equal(bus.byPort.get(0x60), devices[1]);
  assert.deepEqual([...late.peers], [devices[0], late]);
  assert.deepEqual([late.sum, late.handler?.(late), bus.count()], [2, 14, 2]);
  assert.deepEqual([latch.addr, latch.scratch, ram[3], devices[0].file?.name], [5, "theirs", 9, "theirs"]);
  assert.deepEqual([bus.stack[1], bus.stack[2], bus.last], ["text", undefined, undefined]);
});

test("in the machine it was taken from, the objects are those of before", () => {
  const bus = busy();
  const [late] = bus.spare;
  const saved = capture(bus, tables);
  bus.spare.length = 0;
  bus.byPort.clear();
  bus.current = undefined;
  late.id = 8;
  bus.latch.scratch = "new";
  restore(bus, saved.state, tables, { objects: saved.objects });
  assert.deepEqual([bus.spare[0] === late, bus.current === late, late.id, bus.latch.scratch], [true, true, 7, "new"]);
});

test("what cannot be saved is named with its place", () => {
  const refused = (change: (bus: Bus) => void, message: RegExp) => {
    const bus = busy();
    change(bus);
    assert.throws(() => capture(bus, tables), message);
  };
  refused((bus) => {
    bus.spare[0].handler = (device) => device.id;
  }, /current\.handler is a function that is not named \(.*\); expected plain data, or a class with a declared state/);
  refused((bus) => bus.byPort.set(1, new Date() as never), /byPort\.1 is a Date/);
  refused((bus) => {
    bus.devices[1].id = -1;
  }, /cannot be saved now: a device is being made/);
});

test("a machine made another way is refused", () => {
  const { state } = capture(busy(), tables);
  const larger = new Bus();
  Object.assign(larger, { ram: new Uint8Array(32) });
  const stand = { outside: () => ({ name: "" }) };
  assert.throws(() => restore(larger, state, tables, stand), /16 bytes were saved, this machine has 32/);
  const other = new Bus();
  Object.assign(other, { latch: [] });
  assert.throws(() => restore(other, state, tables), /the root\.latch is list in this machine, and was record/);
  assert.throws(
    () => restore(new Bus(), state, tables),
    /devices\[0\]\.file was connected, and is not in this machine/,
  );
  const closed = { name: "closed" };
  const bus = new Bus();
  restore(bus, state, tables, { outside: () => closed });
  assert.equal(bus.devices[0].file, closed);
});

test("names are unique", () => {
  assert.throws(() => new StateTables([{ classes: [Bus, Bus] }]), /two classes declare their state as test\.Bus/);
  assert.throws(
    () =>
      new StateTables([
        { classes: [], named: { twice } },
        { classes: [], named: { twice } },
      ]),
    /named twice/,
  );
});
