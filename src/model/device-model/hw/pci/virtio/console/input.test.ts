import assert from "node:assert/strict";
import { test } from "node:test";
import { ECONNRESET, EIO } from "../../../../../util/errno.ts";
import { ConsoleDriver } from "../../../../testing/console-driver.ts";
import { Fixture } from "../../../../testing/fixture.ts";

function probed(opts = "@stdio:p") {
  const fixture = new Fixture(opts).start();
  const driver = new ConsoleDriver(fixture).probe();
  const file = opts.includes("stdio") ? fixture.host.console : fixture.host.ptyMaster;
  const push = (what: string | number) => {
    file.push(what);
    fixture.scheduler.runUntilIdle();
  };
  const received = () => driver.queues[0].takeBytes().map((bytes) => new TextDecoder().decode(bytes));
  return { fixture, driver, file, push, received, backend: () => fixture.console.ports[0].backend };
}

test("input fills a buffer a read, with one interrupt", () => {
  const { fixture, driver, push, received } = probed();
  driver.fillInput(0, 2);
  fixture.takeMsis();
  push("hello");
  assert.deepEqual(received(), ["hello"]);
  assert.deepEqual(fixture.takeMsis(), ["fee00000:41"]);
});

test("a buffer takes no more than it holds; the rest goes into the next one", () => {
  const { driver, push, received } = probed();
  driver.queues[0].offerIn(3, 4);
  driver.queues[0].kick();
  push("abcdefg");
  assert.deepEqual(received(), ["abcd", "efg"]);
});

test("input before the guest's first kick is thrown away and counted", () => {
  const { driver, push, received, backend } = probed();
  driver.queues[0].offerIn(2);
  push("too early");
  assert.deepEqual(received(), []);
  assert.equal(backend()?.drops.notReady.bytes, 9);
  driver.queues[0].kick();
  push("now");
  assert.deepEqual(received(), ["now"]);
});

test("input for a queue that was reset is thrown away", () => {
  const { driver, push, backend } = probed();
  driver.fillInput(0, 2);
  driver.setStatus(0);
  push("gone");
  assert.equal(backend()?.drops.notReady.bytes, 4);
});

test("input without a buffer is thrown away, up to 2048 bytes a time", () => {
  const { driver, push, received, backend } = probed();
  driver.fillInput(0, 1);
  push("first");
  push("x".repeat(3000));
  assert.equal(backend()?.drops.noBuffer.bytes, 3000);
  assert.equal(backend()?.drops.noBuffer.count, 2);
  assert.deepEqual(received(), ["first"]);
});

test("a malformed input chain is consumed and reported", () => {
  const { fixture, driver, push } = probed();
  const input = driver.queues[0];
  input.writeDesc(0, { addr: fixture.memory.size, len: 16 });
  input.offer(0);
  input.kick();
  push("x");
  assert.equal(fixture.logged("virtio_console_backend_read: fail to getchain!").length, 1);
  assert.equal(fixture.console.base.queues[0].lastAvail, 1);
  assert.deepEqual(input.takeUsed(), []);
});

test("end of file of a terminal changes nothing; the event loop is kept from spinning", () => {
  const { fixture, driver, push, backend } = probed();
  driver.fillInput(0, 2);
  push(0);
  assert.equal(backend()?.open, true);
  assert.equal(fixture.logged("acrn-dm's event loop would spin").length, 1);
  assert.deepEqual(driver.queues[0].takeUsed(), []);
  assert.equal(fixture.console.base.queues[0].lastAvail, 0, "the buffer was given back");
});

test("end of file before the guest is ready closes the backend", () => {
  const { fixture, push, backend } = probed("pty:p");
  push(0);
  assert.deepEqual([backend()?.open, fixture.host.ptyMaster.closed], [false, 1]);
  assert.equal(fixture.logged("vtcon: be read failed and close! len = 0, errno = 0").length, 1);
});

test("a read error closes the backend", () => {
  const { fixture, driver, push, backend } = probed("pty:p");
  driver.fillInput(0, 2);
  push(-EIO);
  assert.deepEqual([backend()?.open, fixture.host.ptyMaster.closed], [false, 1]);
  assert.equal(fixture.logged("vtcon: be read failed and close! len = -1, errno = 5").length, 1);
});

test("a read error before the guest is ready is only kept from spinning", () => {
  const { fixture, push, backend } = probed("pty:p");
  push(-EIO);
  assert.equal(backend()?.open, true);
  assert.equal(fixture.logged("would spin").length, 1);
});

/** A socket server with a client, and the guest ready for its input. */
function connected() {
  const all = probed("socket:p=/tmp/s:server");
  all.driver.fillInput(0, 4);
  const connection = all.fixture.host.listener.connect();
  all.fixture.scheduler.runUntilIdle();
  return { ...all, connection };
}

test("a server goes on with the next client after the end of the first", () => {
  for (const end of [0, -ECONNRESET]) {
    const { fixture, received, backend, connection } = connected();
    connection.push("one");
    fixture.scheduler.runUntilIdle();
    connection.push(end);
    fixture.scheduler.runUntilIdle();
    assert.deepEqual([backend()?.open, backend()?.fd, connection.closed], [true, undefined, 1]);
    const second = fixture.host.listener.connect();
    second.push("two");
    fixture.scheduler.runUntilIdle();
    assert.deepEqual(received(), ["one", "two"]);
  }
});

test("a client that comes and goes before the guest is ready switches the server off", () => {
  const { fixture, backend } = probed("socket:p=/tmp/s");
  fixture.host.listener.connect().push(0);
  fixture.scheduler.runUntilIdle();
  assert.equal(backend()?.open, false);
  fixture.host.listener.connect();
  fixture.scheduler.runUntilIdle();
  assert.equal(fixture.host.listener.waiting.length, 1, "nobody accepts");
  assert.equal(fixture.logged("port p accepts nobody any more, as in acrn-dm: its client left").length, 1);
});

test("a second client replaces the first, whose input is not read any more", () => {
  const { fixture, received, connection } = connected();
  const second = fixture.host.listener.connect();
  fixture.scheduler.runUntilIdle();
  second.push("second");
  fixture.scheduler.runUntilIdle();
  connection.push("first");
  fixture.scheduler.runUntilIdle();
  assert.deepEqual(received(), ["second"]);
  assert.equal(fixture.logged("would spin").length, 1);
});

test("end of file of a socket client closes it", () => {
  const fixture = new Fixture("socket:p=/tmp/s:client", {
    prepare: (_kernel, host) => void host.files.set("/tmp/s", host.ptyMaster),
  }).start();
  const driver = new ConsoleDriver(fixture).probe();
  driver.fillInput(0, 2);
  fixture.host.ptyMaster.push(0);
  fixture.scheduler.runUntilIdle();
  const be = fixture.console.ports[0].backend;
  assert.deepEqual([be?.open, be?.fd, fixture.host.ptyMaster.closed], [false, undefined, 1]);
});
