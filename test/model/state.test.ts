import assert from "node:assert/strict";
import { test } from "node:test";
import { stateTables } from "../../src/model/board/layers.ts";
import { ConsoleBoard, type ConsoleBoardOptions } from "../../src/model/board/testing/console-board.ts";
import { hopRecords } from "../../src/model/chain/hop-records.ts";
import { builtInDeviceClasses } from "../../src/model/device-model/hw/pci/devices.ts";
import { FakeFile } from "../../src/model/device-model/testing/fake-host.ts";
import { slotConfig } from "../../src/model/device-model/testing/slots.ts";
import { scriptedGuestState } from "../../src/model/guest/scripted/guest.ts";
import { capture } from "../../src/model/inspect/capture.ts";
import { restore } from "../../src/model/inspect/restore.ts";
import { stateOf } from "../../src/model/inspect/state.ts";
import { walkState } from "./state-walk.ts";

/** Classes of the host's, which are no part of a machine. */
const OUTSIDE = ["FakeHost", "FakeFile", "FakeListener"];

const tables = stateTables(builtInDeviceClasses, [scriptedGuestState]);

interface Kind {
  readonly opts: string;
  readonly options?: () => ConsoleBoardOptions;
}

const COM1 = 0x3f8;
const TTY = "/dev/ttyS9";

const kinds: { readonly [name: string]: Kind } = {
  "mode A, the kick goes to acrn-dm's ioreq thread": { opts: "@stdio:p,pty:q" },
  "mode B, the kick goes through an ioeventfd to an iothread": { opts: "iothread=2,@stdio:p" },
  "with an entropy device": {
    opts: "@stdio:p",
    options: () => ({
      prepare: (host) => host.files.set("/dev/random", new FakeFile(false)),
      config: { slots: [slotConfig(5, "virtio-rnd")] },
    }),
  },
  "with a UART and two vCPUs": {
    opts: "@stdio:p",
    options: () => ({
      vcpus: 2,
      prepare: (host) => host.files.set(TTY, new FakeFile(true)),
      config: { slots: [slotConfig(1, "lpc")], lpc: [{ port: "com1", backend: TTY }] },
    }),
  },
};

const made = ({ opts, options }: Kind): ConsoleBoard => new ConsoleBoard(opts, options?.());
const machineOf = ({ board, guest }: ConsoleBoard): object => ({ board, guest });

/** A machine whose guest has set its queue up and kicked once. */
function used(kind: Kind): ConsoleBoard {
  const machine = made(kind).probe();
  machine.send("hello");
  machine.board.scheduler.runUntilIdle();
  return machine;
}

/** The object has something to save. */
const keeps = (object: object): boolean =>
  Object.values(stateOf(object)?.fields ?? {}).some(({ keeping }) => keeping === "plain" || keeping === "part");

/** Kicks, a port, input, and a look at what happened. */
function goOn(machine: ConsoleBoard): object[] {
  const { chain, scheduler } = machine.board;
  const from = chain.recorder.next;
  chain.recording = true;
  for (const text of ["one", "two"]) {
    machine.send(text);
    scheduler.runUntilIdle();
  }
  machine.guest.cpus[0].outb(COM1, 0x41);
  machine.host.console.push("typed");
  scheduler.runUntilIdle();
  chain.recording = false;
  return hopRecords(chain.recorder.since(from));
}

for (const [name, kind] of Object.entries(kinds)) {
  test(`${name}: all state is declared, and saved`, () => {
    const machine = machineOf(used(kind));
    const { problems, declared } = walkState(machine, OUTSIDE);
    assert.deepEqual(problems, []);
    const saved = new Set(capture(machine, tables).objects);
    const unsaved = [...declared].filter((object) => !saved.has(object) && keeps(object));
    assert.deepEqual(unsaved, [], "reached by wiring only, and nobody saves it");
  });

  test(`${name}: put back into another machine, it does what the first one does`, () => {
    const original = used(kind);
    const copy = made(kind);
    // Somebody has been woken, and has not run yet.
    for (const { host } of [original, copy]) host.console.push("early");
    const { state } = capture(machineOf(original), tables);
    restore(machineOf(copy), structuredClone(state), tables);
    assert.deepEqual(capture(machineOf(copy), tables).state, state);

    const after = [original, copy].map((machine) => ({
      hops: goOn(machine),
      state: capture(machineOf(machine), tables).state,
    }));
    assert.ok(after[0].hops.length > 50);
    assert.deepEqual(after[1].hops, after[0].hops);
    assert.deepEqual(after[1].state, after[0].state);
    assert.deepEqual([original.host.console.text, copy.host.console.text], ["helloonetwo", "onetwo"]);
  });

  test(`${name}: it goes back to what it was, also out of the middle of a kick`, () => {
    const machine = used(kind);
    const { chain } = machine.board;
    const saved = capture(machineOf(machine), tables);
    const back = (): void => restore(machineOf(machine), saved.state, tables, { objects: saved.objects });
    const first = goOn(machine);
    back();
    assert.deepEqual(capture(machineOf(machine), tables).state, saved.state);
    assert.deepEqual(goOn(machine), first);
    back();
    chain.gate = ({ id }) => {
      if (id !== "virtio_console_notify_tx") return;
      assert.throws(() => capture(machineOf(machine), tables), /cannot be saved now: .* is running/);
      throw new Error("enough");
    };
    assert.throws(() => {
      machine.send("one");
      machine.board.scheduler.runUntilIdle();
    }, /enough/);
    chain.gate = undefined;
    back();
    assert.deepEqual(goOn(machine), first);
  });
}
