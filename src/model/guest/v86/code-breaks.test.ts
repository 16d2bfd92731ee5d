import assert from "node:assert/strict";
import { test } from "node:test";
import type { BreakPlace } from "../../doors/guest-debug.ts";
import { CodeBreaks } from "./code-breaks.ts";

const OUT = 0xee;
const NOP = [0x3e, 0x8d, 0x74, 0x26, 0x00];
const TRACED = 0x100;
const FRAMED = 0x200;
const OTHER = 0x300;
const UNPREPARED = 0x400;

/** RAM without paging, with a function of each kind. */
function setUp() {
  const bytes = new Uint8Array(0x1000);
  bytes.set(NOP, TRACED);
  bytes[FRAMED] = 0x55;
  bytes[OTHER] = 0x31;
  bytes[UNPREPARED] = 0xe8;
  const memory = { size: bytes.length, bytes, view: new DataView(bytes.buffer) };
  const cpu = {
    cpuState: { cr0: 0, cr3: 0, cr4: 0, eip: 0, esp: 0x800, ebp: 0, cpl: 0 },
    instructionPointer: 0,
    pushed: 0,
    canPush: true,
    changed: new Set<number>(),
    pushFramePointer(): boolean {
      if (!cpu.canPush) return false;
      cpu.pushed++;
      cpu.instructionPointer++;
      return true;
    },
    codeChanged(physical: number): void {
      cpu.changed.add(physical);
    },
  };
  const breaks = new CodeBreaks(memory, cpu, (address) => address < 0x800);
  const hits: BreakPlace[] = [];
  const listener = { onHit: (place: BreakPlace): unknown => hits.push(place) };
  const user = breaks.user((place) => listener.onHit(place));
  /** The CPU executes the byte at `address`, when that is the port write. */
  const run = (address: number): boolean => {
    assert.equal(bytes[address], OUT);
    cpu.instructionPointer = address + 1;
    return breaks.take();
  };
  return { bytes, cpu, breaks, user, listener, hits, run };
}

test("a function ftrace could trace: the guest goes on behind the no-operation", () => {
  const { bytes, cpu, breaks, hits, run, user } = setUp();
  user.want([{ address: TRACED }]);
  assert.equal(bytes[TRACED], NOP[0], "nothing is planted before the guest runs");
  breaks.apply();
  assert.ok(cpu.changed.has(TRACED), "compiled code is forgotten");
  assert.equal(breaks.originalByte(TRACED), NOP[0]);
  assert.ok(run(TRACED));
  assert.deepEqual(hits, [{ address: TRACED }]);
  assert.equal(cpu.instructionPointer, TRACED + NOP.length);
  assert.equal(bytes[TRACED], OUT, "it stays");
});

test("what is wanted at a one-time place is planted at once; that place itself only after its instruction", () => {
  const { bytes, breaks, run, user, listener } = setUp();
  user.want([{ address: FRAMED, once: true }]);
  breaks.apply();
  listener.onHit = () =>
    user.want([
      { address: TRACED, once: true },
      { address: FRAMED, once: true },
    ]);
  assert.ok(run(FRAMED));
  assert.deepEqual([bytes[TRACED], bytes[FRAMED]], [OUT, 0x55]);
  assert.ok(breaks.pending);
  breaks.apply();
  assert.equal(bytes[FRAMED], OUT);
});

test("push %ebp is done in its place, and left to the CPU when it has to fault", () => {
  const { bytes, cpu, breaks, run, user } = setUp();
  user.want([{ address: FRAMED }]);
  breaks.apply();
  assert.ok(run(FRAMED));
  assert.deepEqual([cpu.pushed, cpu.instructionPointer], [1, FRAMED + 1]);
  cpu.canPush = false;
  assert.ok(run(FRAMED));
  assert.deepEqual([cpu.instructionPointer, bytes[FRAMED]], [FRAMED, 0x55]);
  breaks.apply();
  assert.equal(bytes[FRAMED], OUT, "it is planted again later");
});

test("while the machine stands still the code is as it was", () => {
  const { bytes, cpu, breaks, run, user, listener } = setUp();
  user.want([{ address: TRACED }, { address: FRAMED }]);
  breaks.apply();
  listener.onHit = () => {
    breaks.lift();
    assert.deepEqual([bytes[TRACED], bytes[FRAMED]], [NOP[0], 0x55]);
    assert.equal(cpu.instructionPointer, TRACED);
    user.want([{ address: FRAMED }]);
  };
  assert.ok(run(TRACED));
  assert.equal(cpu.instructionPointer, TRACED + NOP.length);
  assert.deepEqual([bytes[TRACED], bytes[FRAMED]], [NOP[0], OUT]);
});

test("a one-time place may be any instruction, which then runs itself", () => {
  const { bytes, cpu, breaks, hits, run, user } = setUp();
  const place = { address: OTHER, once: true } as const;
  user.want([place]);
  breaks.apply();
  assert.ok(run(OTHER));
  assert.deepEqual(hits, [place]);
  assert.deepEqual([cpu.instructionPointer, bytes[OTHER]], [OTHER, 0x31]);
});

test("what is no function's entry is left alone, what may become one is tried again", () => {
  const { bytes, breaks, user } = setUp();
  assert.equal(breaks.canPlant(OTHER), false);
  assert.equal(breaks.canPlant(TRACED), true);
  assert.equal(breaks.canPlant(0x900), undefined, "not loaded");
  assert.equal(breaks.canPlant(UNPREPARED), undefined);
  user.want([{ address: OTHER }, { address: UNPREPARED }, { address: 0x900 }]);
  breaks.apply();
  assert.ok(breaks.pending);
  assert.deepEqual([bytes[OTHER], bytes[UNPREPARED]], [0x31, 0xe8]);
  bytes.set(NOP, UNPREPARED);
  breaks.apply();
  assert.equal(bytes[UNPREPARED], OUT);
});

test("the guest's own port write, and a page that was used for something else, are not touched", () => {
  const { bytes, cpu, breaks, hits, user } = setUp();
  user.want([{ address: TRACED }]);
  breaks.apply();
  cpu.instructionPointer = 0x501;
  assert.equal(breaks.take(), false);
  bytes[TRACED] = 0x12;
  breaks.lift();
  assert.equal(bytes[TRACED], 0x12);
  assert.equal(hits.length, 0);
});

test("several have places: each is told of its own, and what one no longer wants stays for the other", () => {
  const { bytes, breaks, hits, run, user } = setUp();
  const others: BreakPlace[] = [];
  const other = breaks.user((place) => others.push(place));
  user.want([{ address: TRACED }, { address: FRAMED }]);
  other.want([{ address: TRACED }]);
  breaks.apply();
  run(TRACED);
  run(FRAMED);
  assert.deepEqual([hits.length, others.length], [2, 1]);
  user.want([]);
  assert.deepEqual([bytes[TRACED], bytes[FRAMED], breaks.pending], [OUT, 0x55, false]);
  other.want([]);
  assert.equal(bytes[TRACED], NOP[0]);
});
