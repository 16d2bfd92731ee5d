import assert from "node:assert/strict";
import { test } from "node:test";
import { DmExit } from "../../../../config.ts";
import { BAR0, DriverQueue } from "../../../../testing/console-driver.ts";
import { FakeFile } from "../../../../testing/fake-host.ts";
import { Fixture } from "../../../../testing/fixture.ts";
import { slotConfig } from "../../../../testing/slots.ts";
import type { VirtioBase } from "../base.ts";
import { rndOptions } from "./options.ts";
import { rndOf, type VirtioRnd } from "./rnd.ts";

const STATUS = BAR0 + 18;

function fixture(opts?: string, random: FakeFile | number = new FakeFile(false)): Fixture {
  return new Fixture("", {
    config: { slots: [slotConfig(3, "virtio-rnd", opts)] },
    prepare: (_kernel, host) => void host.files.set("/dev/random", random),
  });
}

/** A device in slot 3 whose driver has set its queue up; what is pushed into `random` is what the host has. */
function driven() {
  const random = new FakeFile(false);
  const f = fixture(undefined, random).start();
  const queue = new DriverQueue(f, 0);
  f.out(STATUS, 1, 3);
  f.out(BAR0 + 8, 4, queue.ring / 4096);
  f.out(STATUS, 1, 7);
  const rnd: VirtioRnd = rndOf(f.dm.devices[0].arg as VirtioBase);
  return { f, queue, random, rnd };
}

const texts = (queue: DriverQueue): string[] => queue.takeBytes().map((bytes) => new TextDecoder().decode(bytes));

test("the guest finds a legacy entropy device with one queue of 64 and no configuration", () => {
  const f = fixture().start();
  assert.deepEqual([f.cfgRead(3, 0, 4), f.cfgRead(3, 0x2c, 4)], [0x1005_1af4, 0x0004_1af4]);
  assert.equal(f.cfgRead(3, 0x0b, 1), 0x10);
  assert.equal(f.in(BAR0 + 12, 2), 64);
  assert.equal(f.in(BAR0, 4), 0);
  assert.equal(f.in(BAR0 + 20, 1), 0xff);
  assert.deepEqual(f.host.opened, ["read /dev/random"]);
  const thread = f.chain.contexts.find(({ kind }) => kind === "dm.device");
  assert.deepEqual([thread?.name, thread?.state, thread?.waitingFor], ["vtrnd-3:0 tx", "blocked", "rx_cond"]);
});

test("a kick wakes the thread, which fills every buffer there is and interrupts once", () => {
  const { f, queue, random, rnd } = driven();
  random.push("x".repeat(40));
  random.push("tail");
  f.takeLines();
  queue.offerIn(2, 32);
  queue.offerIn(1, 32);
  queue.kick();
  assert.deepEqual(texts(queue), ["x".repeat(32), "x".repeat(8), "tail"]);
  assert.deepEqual(f.takeLines().length, 1);
  assert.deepEqual([rnd.bytesRead, rnd.inProgress], [44, false]);
});

test("a kick without a buffer wakes nobody", () => {
  const { f, queue, random } = driven();
  random.push("x");
  f.chain.recording = true;
  queue.kick();
  const entered = f.chain.recorder.since(0).map(({ station }) => station.id);
  assert.ok(entered.includes("virtio_rnd_notify"));
  assert.ok(!entered.includes("vq_getchain"));
});

test("the thread ends when the host has nothing at the moment; kicks wake nobody any more", () => {
  const { f, queue, random, rnd } = driven();
  queue.offerIn(1, 32);
  queue.kick();
  assert.equal(rnd.rxTid?.state, "done");
  assert.deepEqual(f.logged("thread ends"), [
    "2 acrn-dm: virtio_rnd: /dev/random has nothing at the moment; the thread ends (acrn-dm keeps silent)",
  ]);
  random.push("late");
  queue.kick();
  assert.deepEqual(texts(queue), []);
  assert.equal(rnd.vq.lastAvail, 0, "the buffer was given back");
});

test("a read that fails is tried again with the next kick, not for ever", () => {
  const { f, queue, random, rnd } = driven();
  random.push(0);
  queue.offerIn(1, 32);
  queue.kick();
  assert.deepEqual([texts(queue), rnd.failed, f.logged("tries again").length], [[], true, 1]);
  random.input.length = 0;
  random.push("now");
  queue.kick();
  assert.deepEqual([texts(queue), rnd.failed], [["now"], false]);
});

test("a malformed chain is told and passed over", () => {
  const { f, queue, random } = driven();
  random.push("fine");
  queue.writeDesc(9, { addr: 2 ** 31, len: 8 });
  queue.offer(9);
  queue.offerIn(1, 32);
  queue.kick();
  assert.equal(f.logged("virtio_rnd_get_entropy: fail to getchain!").length, 1);
  assert.deepEqual(texts(queue), ["fine"]);
});

test("without /dev/random acrn-dm does not start", () => {
  const f = fixture(undefined, -2);
  assert.throws(() => f.start(), DmExit);
  assert.deepEqual(f.logged("open failed"), ["1 acrn-dm: virtio_rnd: open failed: /dev/random "]);
});

test("VBS-K is asked for, is not there, and acrn-dm serves the device", () => {
  const options = (text?: string) => {
    const parsed = rndOptions.parse(text);
    return "options" in parsed ? parsed.options : assert.fail();
  };
  assert.deepEqual(options(), { assignments: 0, vbsK: false });
  assert.deepEqual(options("a,b=off,c=once"), { assignments: 2, vbsK: true });
  const f = fixture("kernel=on").start();
  assert.deepEqual(
    f.log.filter((line) => line.startsWith("1 ")).map((line) => line.slice("1 acrn-dm: ".length)),
    ["virtio_rnd: VBS-K initializing...", "Failed to open /dev/vbs_k_rng!", "virtio_rnd: VBS-K init failed,error -2!"],
  );
  assert.equal(f.in(BAR0 + 12, 2), 64);
});

test("the end cancels the thread and closes /dev/random", () => {
  const { f, random, rnd } = driven();
  f.dm.terminate();
  f.scheduler.runUntilIdle();
  assert.deepEqual([rnd.rxTid?.state, rnd.fd, random.closed], ["done", undefined, 1]);
});
