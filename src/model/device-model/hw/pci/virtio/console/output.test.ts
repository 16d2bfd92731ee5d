import assert from "node:assert/strict";
import { test } from "node:test";
import { DescFlag } from "../../../../../abi/virtio.ts";
import { EAGAIN, EBADF, EIO, ENOTCONN, EPIPE } from "../../../../../util/errno.ts";
import { ConsoleDriver } from "../../../../testing/console-driver.ts";
import type { FakeFile } from "../../../../testing/fake-host.ts";
import { Fixture } from "../../../../testing/fixture.ts";

function probed(opts = "@stdio:p") {
  const fixture = new Fixture(opts).start();
  const driver = new ConsoleDriver(fixture).probe();
  const send = (text: string) => {
    driver.queues[1].offerOut(text);
    driver.queues[1].kick();
  };
  return { fixture, driver, send, backend: () => fixture.console.ports[0].backend };
}

test("no room and nobody connected: dropped without closing, and said once a power of two", () => {
  for (const errno of [EAGAIN, ENOTCONN]) {
    const { fixture, send, backend } = probed("pty:p");
    fixture.host.ptyMaster.writeResult = -errno;
    for (let i = 0; i < 5; i++) send("12345678");
    assert.equal(backend()?.open, true);
    assert.equal(backend()?.drops.busy.bytes, 40);
    assert.equal(fixture.logged("takes nothing").length, 3, "at 1, 2 and 4");
    fixture.host.ptyMaster.writeResult = undefined;
    send("later");
    assert.equal(fixture.host.ptyMaster.text, "later");
  }
});

test("any other error closes the backend; what follows is dropped", () => {
  for (const errno of [EIO, EPIPE, EBADF]) {
    const { fixture, send, backend } = probed("pty:p");
    fixture.host.ptyMaster.writeResult = -errno;
    send("x");
    assert.deepEqual([backend()?.open, backend()?.fd, fixture.host.ptyMaster.closed], [false, undefined, 1]);
    assert.deepEqual(fixture.logged("be write failed"), [`1 acrn-dm: vtcon: be write failed! errno = ${errno}`]);
    send("more");
    assert.equal(backend()?.drops.closed.bytes, 4);
  }
});

test("a buffer of length 0 closes the backend; standard input stays open", () => {
  const { fixture, driver, backend } = probed();
  driver.queues[1].offerOut("");
  driver.queues[1].kick();
  assert.deepEqual([backend()?.open, backend()?.fd, fixture.host.console.closed], [false, undefined, 0]);
  assert.equal(fixture.logged("be write failed! errno = 0").length, 1);
  assert.equal(driver.queues[1].takeUsed().length, 1);
});

test("the rest after a short write is lost", () => {
  const { fixture, driver, send, backend } = probed();
  fixture.host.console.writeResult = 3;
  send("abcdef");
  assert.equal(fixture.host.console.text, "abc");
  assert.equal(fixture.host.console.written.length, 1);
  assert.equal(backend()?.drops.short.bytes, 3);
  assert.equal(driver.queues[1].takeUsed().length, 1);
});

test("EBADF of a socket server only ends the connection", () => {
  const { fixture, send, backend } = probed("socket:p=/tmp/s");
  const connection = fixture.host.listener.connect();
  fixture.scheduler.runUntilIdle();
  connection.writeResult = -EBADF;
  send("x");
  assert.deepEqual([backend()?.open, backend()?.fd, connection.closed], [true, undefined, 1]);
  const second: FakeFile = fixture.host.listener.connect();
  fixture.scheduler.runUntilIdle();
  send("again");
  assert.equal(second.text, "again");
});

test("a chain of two descriptors is malformed: consumed, never returned, and the rest waits for the next kick", () => {
  const { fixture, driver } = probed();
  const out = driver.queues[1];
  out.writeDesc(0, { addr: out.bufferAt(0), len: 1, flags: DescFlag.NEXT, next: 1 });
  out.writeDesc(1, { addr: out.bufferAt(1), len: 1 });
  out.offer(0);
  out.writeDesc(2, { addr: out.bufferAt(2), len: 1 });
  out.offer(2);
  fixture.takeMsis();
  out.kick();
  assert.deepEqual(out.takeUsed(), []);
  assert.deepEqual(fixture.takeMsis(), []);
  assert.equal(fixture.logged("virtio_console_notify_tx: fail to getchain!").length, 1);
  out.kick();
  assert.deepEqual(
    out.takeUsed().map(({ id }) => id),
    [2],
  );
});

test("a control message shorter than its header is read on into guest memory", () => {
  const fixture = new Fixture("@stdio:p").start();
  const driver = new ConsoleDriver(fixture).probe();
  driver.fillInput(2, 16);
  driver.queues[3].offerOut(new Uint8Array([0xff, 0xff, 0xff, 0xff]));
  driver.queues[3].kick();
  assert.equal(driver.takeControl().length, 3, "what follows is zero: DEVICE_READY");
  assert.equal(fixture.console.drops.shortControlMessage.count, 1);
});

test("a control message at the end of RAM is not read beyond it", () => {
  const fixture = new Fixture("@stdio:p").start();
  const driver = new ConsoleDriver(fixture).probe();
  driver.fillInput(2, 16);
  const out = driver.queues[3];
  out.writeDesc(0, { addr: fixture.memory.size - 4, len: 4 });
  out.offer(0);
  out.kick();
  assert.deepEqual(driver.takeControl(), []);
  assert.equal(out.takeUsed().length, 1);
});

test("a control message is cut to a short buffer; the length in the used ring is acrn-dm's", () => {
  const fixture = new Fixture("@stdio:long_port_name").start();
  const driver = new ConsoleDriver(fixture).probe();
  const input = driver.queues[2];
  input.offerIn(3, 10);
  fixture.memory.bytes.fill(0xaa, input.bufferAt(1), input.bufferAt(1) + 32);
  input.kick();
  driver.sendControl(0xffffffff, 0, 1);
  assert.deepEqual(
    input.takeUsed().map(({ len }) => len),
    [8, 8 + "long_port_name".length, 8],
  );
  const at = input.bufferAt(1);
  assert.equal(new TextDecoder().decode(fixture.memory.bytes.slice(at + 8, at + 10)), "lo");
  assert.equal(fixture.memory.bytes[at + 10], 0xaa);
  assert.equal(fixture.logged("acrn-dm would write beyond").length, 1);
});

test("PORT_READY for a port that was not announced", () => {
  const { fixture, driver } = probed();
  driver.fillInput(2, 4);
  driver.sendControl(7, 3, 1);
  assert.deepEqual(driver.takeControl(), []);
  assert.equal(fixture.logged("VTCONSOLE_PORT_READY for unknown port 7").length, 1);
});
