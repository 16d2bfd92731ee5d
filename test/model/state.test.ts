import assert from "node:assert/strict";
import { test } from "node:test";
import { stateTables } from "../../src/model/board/layers.ts";
import { hopRecords } from "../../src/model/chain/hop-records.ts";
import { Session } from "../../src/model/debug/testing/session.ts";
import { builtInDeviceClasses } from "../../src/model/device-model/hw/pci/devices.ts";
import { capture } from "../../src/model/inspect/capture.ts";
import { restore } from "../../src/model/inspect/restore.ts";
import { stateOf } from "../../src/model/inspect/state.ts";
import { walkState } from "./state-walk.ts";

/** Classes of the host's and of engines, which are no part of a board. */
const OUTSIDE = ["ScriptedGuest", "ScriptedCpu", "FakeHost", "FakeFile", "FakeListener"];

const tables = stateTables(builtInDeviceClasses);

/** Everything below the guest. */
function boardOf({ chain, scheduler, hypervisor, deviceModel }: Session): object {
  return { chain, scheduler, hypervisor, kernel: deviceModel.vmctx.kernel, deviceModel };
}

/** The object has something to save. */
const keeps = (object: object): boolean =>
  Object.values(stateOf(object)?.fields ?? {}).some(({ keeping }) => keeping === "plain" || keeping === "part");

/** A: the kick goes to acrn-dm's ioreq thread; B: through an ioeventfd to an iothread. */
const modes = { A: "@stdio:p,pty:q", B: "iothread=2,@stdio:p" };

for (const [mode, opts] of Object.entries(modes)) {
  test(`mode ${mode}: all state of a machine is declared, and saved`, () => {
    const session = new Session(opts).probe();
    session.send("hello");
    const { problems, declared } = walkState(boardOf(session), OUTSIDE);
    assert.deepEqual(problems, []);
    const saved = new Set(capture(boardOf(session), tables).objects);
    const unsaved = [...declared].filter((object) => !saved.has(object) && keeps(object));
    assert.deepEqual(unsaved, [], "reached by wiring only, and nobody saves it");
  });

  test(`mode ${mode}: a machine that is put back into another one does what the first one does`, () => {
    const original = new Session(opts).probe();
    original.send("hello");
    const copy = new Session(opts);
    // Somebody has been woken, and has not run yet.
    for (const session of [original, copy]) session.host.console.push("early");
    const { state } = capture(boardOf(original), tables);
    restore(boardOf(copy), structuredClone(state), tables);
    copy.guest.bytes.set(original.guest.bytes);
    assert.deepEqual(capture(boardOf(copy), tables).state, state);

    const after = [original, copy].map((session) => ({
      hops: goOn(session),
      memory: Buffer.from(session.guest.bytes),
      state: capture(boardOf(session), tables).state,
    }));
    assert.ok(after[0].hops.length > 50);
    assert.deepEqual(after[1].hops, after[0].hops);
    assert.ok(after[1].memory.equals(after[0].memory), "guest memory");
    assert.deepEqual(after[1].state, after[0].state);
    assert.deepEqual([original.host.console.text, copy.host.console.text], ["helloonetwo", "onetwo"]);
  });

  test(`mode ${mode}: a machine goes back to what it was, also out of the middle of a kick`, () => {
    const session = new Session(opts).probe();
    session.send("hello");
    const saved = capture(boardOf(session), tables);
    const memory = session.guest.bytes.slice();
    const back = (): void => {
      restore(boardOf(session), saved.state, tables, { objects: saved.objects });
      session.guest.bytes.set(memory);
    };
    const first = goOn(session);
    back();
    assert.deepEqual(capture(boardOf(session), tables).state, saved.state);
    assert.deepEqual(goOn(session), first);
    back();
    session.chain.gate = ({ id }, { name }) => {
      if (id !== "virtio_console_notify_tx") return;
      assert.throws(
        () => capture(boardOf(session), tables),
        new RegExp(`cannot be saved now: (kworker/ioreq_wq|${name}) is running`),
      );
      throw new Error("enough");
    };
    assert.throws(() => session.send("one"), /enough/);
    session.chain.gate = undefined;
    back();
    assert.deepEqual(goOn(session), first);
  });
}

/** Kicks, input, and a look at what happened. */
function goOn(session: Session): object[] {
  const { chain, host, scheduler } = session;
  const from = chain.recorder.next;
  chain.recording = true;
  for (const text of ["one", "two"]) session.send(text);
  host.console.push("typed");
  scheduler.runUntilIdle();
  chain.recording = false;
  return hopRecords(chain.recorder.since(from));
}
