import assert from "node:assert/strict";
import { test } from "node:test";
import { BAR0, BAR1, ConsoleDriver } from "../../../testing/console-driver.ts";
import { Fixture } from "../../../testing/fixture.ts";
import { kickedQueue } from "./kick.ts";
import type { AddressSpace } from "./transport/transport.ts";

const NOTIFY = BAR0 + 16;

function setUp() {
  const f = new Fixture("@stdio:p").start();
  const kick = (space: AddressSpace, address: number, size: number, value: number) => {
    const found = kickedQueue(f.dm.devices, space, address, size, value);
    return found === undefined ? undefined : [found.slot, found.queue, found.dev];
  };
  return { f, kick, dev: f.console.base.dev };
}

test("a 16-bit write to the notify register is a kick of the queue it names, there or not", () => {
  const { kick, dev } = setUp();
  assert.deepEqual(kick("IO", NOTIFY, 2, 1), [3, 1, dev]);
  assert.deepEqual(kick("IO", NOTIFY, 2, 40), [3, 40, dev]);
});

test("another size, register, space or nobody's address is none", () => {
  const { kick } = setUp();
  assert.equal(kick("IO", NOTIFY, 1, 1), undefined);
  assert.equal(kick("IO", NOTIFY, 4, 1), undefined);
  assert.equal(kick("IO", NOTIFY - 2, 2, 1), undefined);
  assert.equal(kick("MEM", NOTIFY, 2, 1), undefined);
  assert.equal(kick("MEM", BAR1 + 16, 2, 1), undefined);
  assert.equal(kick("IO", 0x333, 2, 1), undefined);
});

test("it follows the BAR to where the guest moves it, and is none while the BAR decodes nothing", () => {
  const { f, kick, dev } = setUp();
  f.cfgWrite(3, 0x10, 4, 0x5000);
  assert.equal(kick("IO", NOTIFY, 2, 1), undefined);
  assert.deepEqual(kick("IO", 0x5010, 2, 1), [3, 1, dev]);
  f.cfgWrite(3, 4, 2, 0);
  assert.equal(kick("IO", 0x5010, 2, 1), undefined);
});

test("asking changes nothing, and kicks of a queue are the same object each time", () => {
  const { f } = setUp();
  const driver = new ConsoleDriver(f).probe();
  driver.queues[1].offerOut("x");
  const ask = () => kickedQueue(f.dm.devices, "IO", NOTIFY, 2, 1);
  assert.equal(ask(), ask());
  assert.equal(f.console.base.queues[1].lastAvail, 0);
  assert.equal(f.host.console.text, "");
});
