import assert from "node:assert/strict";
import { test } from "node:test";
import { virtioLegacyRegisters } from "../../src/model/abi/virtio-legacy.ts";
import { stateTables } from "../../src/model/board/layers.ts";
import { BAR0, ConsoleBoard, type ConsoleBoardOptions } from "../../src/model/board/testing/console-board.ts";
import { hopRecords } from "../../src/model/chain/hop-records.ts";
import { builtInDeviceClasses } from "../../src/model/device-model/hw/pci/devices.ts";
import { FakeFile } from "../../src/model/device-model/testing/fake-host.ts";
import { slotConfig } from "../../src/model/device-model/testing/slots.ts";
import { ExitStatus } from "../../src/model/doors/guest.ts";
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

/** A machine that is about to kick, and what its watch has been told. */
function watched() {
  const told: string[] = [];
  const kicks = {
    begin: (...at: number[]) => void told.push(`begin ${at.join(" ")}`),
    end: (...at: number[]) => void told.push(`end ${at.join(" ")}`),
  };
  const machine = new ConsoleBoard("@stdio:p", { kicks }).probe();
  machine.offer("hello");
  return { machine, told };
}

const wholeKick = ["begin 0 3 1", "end 0 3 1"];

for (const station of ["emulate_io", "virtio_console_notify_tx"]) {
  test(`a kick that an error in ${station} cuts off has its end, and the next exit is no end of it`, () => {
    const { machine, told } = watched();
    const { chain } = machine.board;
    const saved = capture(machineOf(machine), tables);
    chain.gate = ({ id }) => {
      if (id === station) throw new Error("enough");
    };
    assert.throws(() => machine.kick(), /enough/);
    chain.gate = undefined;
    restore(machineOf(machine), saved.state, tables, { objects: saved.objects });
    assert.deepEqual(told, wholeKick);
    machine.guest.cpus[0].inb(BAR0);
    assert.deepEqual(told, wholeKick);
    machine.kick();
    assert.deepEqual(told, [...wholeKick, ...wholeKick]);
  });
}

test("a kick that waits is saved: in another machine it begins and ends, in its own it begins once more", () => {
  const original = watched();
  const copy = watched();
  const { exits, scheduler } = original.machine.board;
  assert.equal(exits.portWrite(0, BAR0 + virtioLegacyRegisters.at.queue_notify, 2, 1), ExitStatus.PARKED);
  const { state, objects } = capture(machineOf(original.machine), tables);
  restore(machineOf(copy.machine), structuredClone(state), tables);
  assert.deepEqual(capture(machineOf(copy.machine), tables).state, state);
  copy.machine.board.scheduler.runUntilIdle();
  assert.deepEqual(copy.told, wholeKick);
  assert.equal(copy.machine.usedIdx, 1);
  scheduler.runUntilIdle();
  restore(machineOf(original.machine), state, tables, { objects });
  scheduler.runUntilIdle();
  assert.deepEqual(original.told, [...wholeKick, ...wholeKick]);
});

test("an exception that an access was to take is none in a machine that is put back", () => {
  const machine = watched().machine;
  const [cpu] = machine.guest.cpus;
  const { state, objects } = capture(machineOf(machine), tables);
  cpu.raiseGeneralProtection(0);
  restore(machineOf(machine), state, tables, { objects });
  assert.equal(cpu.inb(BAR0 + virtioLegacyRegisters.at.status), 7);
});
