import assert from "node:assert/strict";
import { test } from "node:test";
import { VRING_USED_F_NO_NOTIFY } from "../../../../../abi/virtio.ts";
import { ConsoleDriver } from "../../../../testing/console-driver.ts";
import { Fixture } from "../../../../testing/fixture.ts";

function probed() {
  const fixture = new Fixture("@stdio:p").start();
  return { fixture, driver: new ConsoleDriver(fixture).probe() };
}

test("the first kick of an input queue with buffers asks for no more kicks", () => {
  const { fixture, driver } = probed();
  assert.equal(driver.queues[0].usedFlags, 0);
  driver.fillInput(0);
  assert.equal(driver.queues[0].usedFlags, VRING_USED_F_NO_NOTIFY);
  assert.equal(fixture.console.ports[0].rxReady, true);
  assert.equal(fixture.console.controlPort.rxReady, false, "queue 0 is not the control port's");
});

test("a first kick without buffers leaves the flag clear for good", () => {
  const { driver } = probed();
  driver.queues[0].kick();
  driver.fillInput(0);
  assert.equal(driver.queues[0].usedFlags, 0);
});

test("after a reset the flag is not set again in the fresh ring", () => {
  const { driver } = probed();
  driver.fillInput(0);
  driver.probe();
  driver.fillInput(0);
  assert.equal(driver.queues[0].usedFlags, 0);
});

test("a kick reads no input", () => {
  const { fixture, driver } = probed();
  driver.fillInput(0);
  assert.deepEqual(driver.queues[0].takeUsed(), []);
  assert.deepEqual(fixture.host.console.written, []);
});

test("queues from 4 on belong to ports 1 to 15", () => {
  const fixture = new Fixture("@stdio:p,pty:q").start();
  const driver = new ConsoleDriver(fixture).probe();
  driver.fillInput(4);
  driver.queues[5].offerOut("second port");
  driver.queues[5].kick();
  assert.deepEqual(
    fixture.console.ports.slice(0, 3).map(({ rxReady }) => rxReady),
    [false, true, false],
  );
  assert.equal(fixture.host.ptyMaster.text, "second port");
});

test("output to a port without backend is given back and counted", () => {
  const { fixture, driver } = probed();
  driver.queues[33].offerOut("nobody");
  driver.queues[33].kick();
  assert.equal(driver.queues[33].takeUsed().length, 1);
  assert.equal(fixture.console.drops.noPort.bytes, 6);
});
