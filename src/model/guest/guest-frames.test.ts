import assert from "node:assert/strict";
import { test } from "node:test";
import { StationRegistry } from "../chain/station-registry.ts";
import { layerStations } from "../chain/stations/index.ts";
import { GuestFrames } from "./guest-frames.ts";
import { SymbolTable } from "./stack/kallsyms.ts";

/** `push ebp; mov ebp, esp` */
const PROLOGUE = [0x55, 0x89, 0xe5];
const CALL = 0xe8;

const WRITE = 0xc0100000;
const PUSH = 0xc0101000;
const NOTIFY = 0xc0102000;
/** Directly behind NOTIFY's function. */
const NEXT = 0xc0102100;
/** Sets up no frame. */
const IOWRITE = 0xc0103000;
/** In the area of vmalloc, which shows the same memory a second time. */
const AREA = 0xd0000000;
const MODULE = 0xd0200000;
const SYMBOLS = [
  "c0100000 T hvc_write",
  "c0101000 T hvc_push",
  "c0102000 T vp_notify",
  "c0102100 T next_function",
  "c0103000 T iowrite16",
  "d0200000 t put_chars\t[virtio_console]",
  "d0200100 t get_chars\t[virtio_console]",
  "d0200200 t in_intr\t[virtio_console]",
].join("\n");

const STACK = 0x20000;
const BASE = 0xc0000000;

/** A CPU in the kernel, whose direct map is one page of 4 MiB. */
function guest() {
  const bytes = new Uint8Array(0x400000);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x1000 + 0x300 * 4, 0x83, true);
  view.setUint32(0x1000 + (AREA >>> 22) * 4, 0x83, true);
  for (const at of [WRITE, PUSH, NOTIFY, NEXT]) bytes.set(PROLOGUE, at - BASE);
  const cpu = { cr0: 0x80000000, cr3: 0x1000, cr4: 1 << 4, eip: 0, esp: 0, ebp: 0, cpl: 0 };
  const frames = new GuestFrames(
    { size: bytes.length, bytes, view },
    { cpuState: cpu },
    new StationRegistry([layerStations]),
  );
  frames.symbols.use(SymbolTable.parse(SYMBOLS), false);
  return {
    bytes,
    frames,
    /** Puts the CPU at `eip`, called from the return addresses, innermost first; `pushed` lies between ESP and EBP. */
    at(eip: number, returns: readonly number[], pushed: readonly number[] = []): void {
      cpu.eip = eip;
      cpu.ebp = BASE + STACK;
      cpu.esp = cpu.ebp - 4 * pushed.length;
      for (const [i, word] of pushed.entries()) view.setUint32(STACK - 4 * (pushed.length - i), word, true);
      for (const [i, address] of returns.entries()) {
        const frame = STACK + 16 * i;
        view.setUint32(frame, i + 1 < returns.length ? BASE + frame + 16 : 0, true);
        view.setUint32(frame + 4, address, true);
      }
    },
    names: (): string[] => frames.read().map(({ station }) => station.id),
  };
}

test("a stack that is as it was last is not named again; any other is", () => {
  const { frames, at, names } = guest();
  at(NOTIFY + 8, [PUSH + 0x20, WRITE + 0x30]);
  const first = frames.read();
  assert.deepEqual(names(), ["hvc_write", "hvc_push", "vp_notify"]);
  assert.equal(frames.read(), first);
  at(NOTIFY + 8, [PUSH + 0x20, PUSH + 0x40]);
  assert.deepEqual(names(), ["hvc_push", "hvc_push", "vp_notify"]);
  at(NOTIFY + 8, [PUSH + 0x20]);
  assert.deepEqual(names(), ["hvc_push", "vp_notify"]);
  at(NOTIFY + 9, [PUSH + 0x20]);
  assert.deepEqual(
    frames.read().map(({ address }) => address),
    [PUSH + 0x20, NOTIFY + 9],
  );
});

test("another table of symbols names the same stack anew", () => {
  const { frames, at, names } = guest();
  at(NOTIFY + 8, [PUSH + 0x20]);
  assert.deepEqual(names(), ["hvc_push", "vp_notify"]);
  frames.symbols.use(SymbolTable.parse(SYMBOLS.replace("hvc_push", "renamed")), true);
  assert.deepEqual(names(), ["renamed", "vp_notify"]);
});

test("a module's function has a name as soon as the module is loaded", () => {
  const { bytes, at, names } = guest();
  at(NOTIFY + 8, [MODULE + 0x20, WRITE + 0x30]);
  assert.deepEqual(names(), ["hvc_write", "(unknown)", "vp_notify"]);
  for (const offset of [0, 0x100, 0x200]) bytes.set(PROLOGUE, MODULE - AREA + offset);
  assert.deepEqual(names(), ["hvc_write", "put_chars", "vp_notify"]);
});

test("what do_one_initcall calls is a module's init function, where it has no name", () => {
  const { at, names, frames } = guest();
  frames.symbols.use(SymbolTable.parse(SYMBOLS.replace("hvc_write", "do_one_initcall")), false);
  at(NOTIFY + 8, [MODULE + 0x20, WRITE + 0x30]);
  assert.deepEqual(names(), ["do_one_initcall", "init_module", "vp_notify"]);
});

test("an address is the next function's where the CPU is, and the caller's where a call returns to", () => {
  const { at, names } = guest();
  at(NEXT, [WRITE + 0x30]);
  assert.deepEqual(names(), ["hvc_write", "next_function"]);
  at(PUSH + 8, [NEXT, WRITE + 0x30]);
  assert.deepEqual(names(), ["hvc_write", "vp_notify", "hvc_push"]);
  at(NEXT, [WRITE + 0x30]);
  assert.deepEqual(names(), ["hvc_write", "next_function"]);
});

test("the caller of a function without a frame is looked for at each stop there", () => {
  const { bytes, at, names } = guest();
  const calls = [NOTIFY + 0x25, PUSH + 0x45];
  for (const address of calls) bytes[address - 5 - BASE] = CALL;
  const decoy = PUSH + 0x60;
  at(IOWRITE + 4, [WRITE + 0x30], [1, decoy, calls[0]]);
  assert.deepEqual(names(), ["hvc_write", "vp_notify", "iowrite16"]);
  at(IOWRITE + 4, [WRITE + 0x30], [decoy, calls[1], calls[0]]);
  assert.deepEqual(names(), ["hvc_write", "hvc_push", "iowrite16"]);
  at(IOWRITE + 4, [WRITE + 0x30], [decoy]);
  assert.deepEqual(names(), ["hvc_write", "iowrite16"]);
});

test("the right names also after more places than are remembered", () => {
  const { at, names } = guest();
  const places = 5000;
  for (let i = 0; i < places; i++) {
    at(WRITE + 8, [(i % 2 === 0 ? WRITE : PUSH) + 0x10 + (i >> 1)]);
    assert.deepEqual(names(), [i % 2 === 0 ? "hvc_write" : "hvc_push", "hvc_write"]);
  }
});
