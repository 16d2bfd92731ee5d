import assert from "node:assert/strict";
import { test } from "node:test";
import { virtioLegacyRegisters } from "../../src/model/abi/virtio-legacy.ts";
import { ConsoleBoard } from "../../src/model/board/testing/console-board.ts";

const { at } = virtioLegacyRegisters;

/** All four layers with a scripted guest. */
class Whole extends ConsoleBoard {
  /** The context the console's notify ran in while `body` did. */
  notifiedIn(body: () => void): string | undefined {
    const { chain, scheduler } = this.board;
    chain.recording = true;
    const from = chain.recorder.next;
    body();
    scheduler.runUntilIdle();
    chain.recording = false;
    const hops = chain.recorder.since(from);
    return hops.find(({ station }) => station.id === "virtio_console_notify_tx")?.context.name;
  }
}

test("a console's kick is served by the ioreq thread before the guest goes on", () => {
  const whole = new Whole("@stdio:p");
  whole.probe();
  const context = whole.notifiedIn(() => {
    whole.send("hello");
    assert.equal(whole.usedIdx, 1);
  });
  assert.equal(context, "vcpu 0");
  assert.equal(whole.host.console.text, "hello");
});

test("with the iothread extension the HSM signals the iothread", () => {
  const whole = new Whole("iothread,@stdio:p");
  whole.probe();
  assert.equal(
    whole.notifiedIn(() => whole.send("hello")),
    "iothr-0-con3:0",
  );
  assert.deepEqual([whole.host.console.text, whole.usedIdx], ["hello", 1]);
});

test("with asyncio too, and the guest does not wait for anybody", () => {
  const whole = new Whole("iothread,@stdio:p", { asyncio: true });
  whole.probe();
  assert.equal(
    whole.notifiedIn(() => whole.send("hello")),
    "iothr-0-con3:0",
  );
  assert.deepEqual([whole.host.console.text, whole.usedIdx], ["hello", 1]);
});

test("a BAR that moved away from its ioeventfds is served by the ioreq thread", () => {
  const whole = new Whole("iothread,@stdio:p");
  whole.probe();
  const [cpu] = whole.guest.cpus;
  cpu.outl(0xcf8, 0x8000_1810);
  cpu.outl(0xcfc, 0x3000);
  whole.send("to the old place");
  whole.board.scheduler.runUntilIdle();
  assert.equal(whole.host.console.text, "to the old place", "the eventfd is still at the old address");
  const context = whole.notifiedIn(() => cpu.outw(0x3000 + at.queue_notify, 1));
  assert.equal(context, "vcpu 0");
});

test("the end of acrn-dm leaves no thread", () => {
  const whole = new Whole("iothread,@stdio:p");
  whole.probe();
  whole.deviceModel.terminate();
  whole.board.scheduler.runUntilIdle();
  const states = whole.board.chain.contexts
    .filter(({ kind }) => kind.startsWith("dm.") && kind !== "dm.io")
    .map(({ name, state }) => `${name} ${state}`);
  assert.deepEqual(states, ["boot running", "vcpu 0 done", "mevent done"]);
});
