import assert from "node:assert/strict";
import { test } from "node:test";
import { BAR0, ConsoleDriver } from "../../../../testing/console-driver.ts";
import { Fixture } from "../../../../testing/fixture.ts";
import { ConsoleEvent } from "./abi.ts";

const { DEVICE_READY, DEVICE_ADD, PORT_READY, CONSOLE_PORT, PORT_OPEN, PORT_NAME } = ConsoleEvent;
const ALL_PORTS = 0xffffffff;

function probed(opts: string) {
  const fixture = new Fixture(opts).start();
  const driver = new ConsoleDriver(fixture).probe();
  driver.fillInput(2, 16);
  return { fixture, driver };
}

test("a guest that is ready is told of each port: add, name, open", () => {
  const { driver } = probed("@stdio:stdio_port,pty:second");
  driver.sendControl(ALL_PORTS, DEVICE_READY, 1);
  assert.deepEqual(driver.takeControl(), [
    [0, DEVICE_ADD, 1, ""],
    [0, PORT_NAME, 1, "stdio_port"],
    [0, PORT_OPEN, 1, ""],
    [1, DEVICE_ADD, 1, ""],
    [1, PORT_NAME, 1, "second"],
    [1, PORT_OPEN, 1, ""],
  ]);
});

test("PORT_READY is answered with CONSOLE_PORT for an @ port only", () => {
  const { driver } = probed("@stdio:stdio_port,pty:second");
  driver.sendControl(0, PORT_READY, 1);
  assert.deepEqual(driver.takeControl(), [[0, CONSOLE_PORT, 1, ""]]);
  driver.sendControl(1, PORT_READY, 1);
  assert.deepEqual(driver.takeControl(), []);
});

test("the guest's own PORT_OPEN is taken and ignored", () => {
  const { driver } = probed("@stdio:stdio_port");
  driver.sendControl(0, PORT_OPEN, 1);
  assert.deepEqual(driver.takeControl(), []);
  assert.equal(driver.queues[3].takeUsed().length, 1);
});

test("each control message is a used element with an interrupt of its own on the control queue's vector", () => {
  const { fixture, driver } = probed("@stdio:stdio_port");
  fixture.takeMsis();
  driver.sendControl(ALL_PORTS, DEVICE_READY, 1);
  const vector3 = "fee00000:43";
  assert.deepEqual(fixture.takeMsis(), [vector3, vector3, vector3]);
});

test("a control message is lost when the guest has no buffer for it, and the log says so", () => {
  const fixture = new Fixture("@stdio:stdio_port").start();
  const driver = new ConsoleDriver(fixture).probe();
  driver.sendControl(ALL_PORTS, DEVICE_READY, 1);
  assert.deepEqual(driver.takeControl(), []);
  assert.equal(fixture.logged("control message dropped").length > 0, true);
  assert.equal(fixture.console.drops.controlMessage.count, 3);
});

test("output: every buffer is written and given back, one interrupt for the whole kick", () => {
  const { fixture, driver } = probed("@stdio:stdio_port");
  const out = driver.queues[1];
  for (const text of ["one ", "two ", "three"]) out.offerOut(text);
  fixture.takeMsis();
  out.kick();
  assert.deepEqual(
    fixture.host.console.written.map((bytes) => new TextDecoder().decode(bytes)),
    ["one ", "two ", "three"],
  );
  assert.deepEqual(
    out.takeUsed().map(({ len }) => len),
    [0, 0, 0],
  );
  assert.deepEqual(fixture.takeMsis(), ["fee00000:42"]);
});

test("34 queues of 64; even ones are input for the guest, odd ones output", () => {
  const fixture = new Fixture("@stdio:stdio_port").start();
  fixture.out(BAR0 + 14, 2, 33);
  assert.equal(fixture.in(BAR0 + 12, 2), 64);
  fixture.out(BAR0 + 14, 2, 34);
  assert.equal(fixture.in(BAR0 + 12, 2), 0);
  const kinds = fixture.console.base.queues.map((vq) => vq.notify === fixture.console.base.queues[0].notify);
  assert.deepEqual(
    kinds,
    kinds.map((_, num) => num % 2 === 0),
  );
});
