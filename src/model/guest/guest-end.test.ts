import assert from "node:assert/strict";
import { test } from "node:test";
import { GuestIntrospection } from "./guest-end.ts";
import { SymbolTable } from "./stack/kallsyms.ts";
import { Symbolizer } from "./stack/symbolizer.ts";

const cpuState = {
  cr0: 0x80000000,
  cr3: 0x1000,
  cr4: 1 << 4,
  eip: 0xc1000010,
  esp: 0xc0010100,
  ebp: 0xc0010100,
  cpl: 0,
};

function setUp(registers: readonly number[], text = "c1000000 T kernel_halt", log = "") {
  const bytes = new Uint8Array(0x20000);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x1000 + 0x300 * 4, 0x83, true);
  registers.forEach((value, i) => {
    view.setUint32(0x11fb0 + i * 4, value, true);
  });
  bytes.set(new TextEncoder().encode(log), 0x8000);
  const memory = { size: bytes.length, bytes, view };
  const symbolizer = new Symbolizer(memory);
  if (text !== "") symbolizer.use(SymbolTable.parse(text), true);
  return new GuestIntrospection(memory, { cpuState }, symbolizer);
}

test("a dead CPU is what reboot(2) was asked for", () => {
  assert.deepEqual(setUp([0xfee1dead, 672274793, 0x4321fedc]).endOfDeadCpu(), { kind: "power-off" });
  assert.deepEqual(setUp([0xfee1dead, 672274793, 0xcdef0123]).endOfDeadCpu(), { kind: "halt" });
  assert.deepEqual(setUp([0xfee1dead, 672274793, 0x01234567]).endOfDeadCpu(), { kind: "reboot" });
  assert.deepEqual(setUp([0xfee1dead, 0, 0x4321fedc]).endOfDeadCpu(), { kind: "halt" });
});

test("a dead CPU inside panic() has panicked", () => {
  assert.deepEqual(setUp([0xfee1dead, 672274793, 0x4321fedc], "c1000000 T panic").endOfDeadCpu(), { kind: "panic" });
});

test("a panic's reason is in the log, not in the kernel's format string", () => {
  const line = (text: string) => `---[ end Kernel panic - not syncing: ${text} ]---`;
  const end = (log: string) => setUp([], "c1000000 T panic", log).endOfDeadCpu();
  assert.deepEqual(end(`${line("%s")}\n\0${line("No working init found.")}\0`), {
    kind: "panic",
    reason: "No working init found.",
  });
  assert.deepEqual(end(`${line("%s")}\n\0`), { kind: "panic" });
  assert.deepEqual(end("---[ end Kernel panic - not syncing: broken \x01"), { kind: "panic" });
});

test("without symbols a panic is found by its last words, from the twentieth look on", () => {
  const silent = setUp([], "", "nothing");
  const loud = setUp([], "", "---[ end Kernel panic - not syncing: x ]---");
  const looks = Array.from({ length: 40 }, () => [silent.panicked(), loud.panicked()]);
  assert.deepEqual([looks.filter(([s]) => s).length, looks.filter(([, l]) => l).length], [0, 21]);
});
