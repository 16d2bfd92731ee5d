import assert from "node:assert/strict";
import { test } from "node:test";
import { elfFunctions } from "./elf-symbols.ts";

/** An ELF file with a section of code and one of data, and these symbols: name, address, size, type, section. */
function elf(symbols: readonly (readonly [string, number, number, number, number])[]): Uint8Array {
  const file = new Uint8Array(0x1000);
  const view = new DataView(file.buffer);
  view.setUint32(32, 0x100, true);
  view.setUint16(46, 40, true);
  view.setUint16(48, 5, true);
  const section = (index: number, values: { readonly [field: number]: number }): void => {
    for (const [field, value] of Object.entries(values))
      view.setUint32(0x100 + index * 40 + 4 * Number(field), value, true);
  };
  section(1, { 1: 1, 2: 6 });
  section(2, { 1: 1, 2: 3 });
  section(3, { 1: 2, 4: 0x400, 5: 16 * symbols.length, 6: 4 });
  section(4, { 1: 3, 4: 0x800, 5: 0x400 });
  let name = 1;
  for (const [i, [text, address, size, type, index]] of symbols.entries()) {
    const at = 0x400 + 16 * i;
    file.set(new TextEncoder().encode(text), 0x800 + name);
    view.setUint32(at, name, true);
    view.setUint32(at + 4, address, true);
    view.setUint32(at + 8, size, true);
    view.setUint8(at + 12, type);
    view.setUint16(at + 14, index, true);
    name += text.length + 1;
  }
  return file;
}

test("functions, and labels in code; no data, files, marks of the assembler", () => {
  const file = elf([
    ["kmain", 0x100100, 32, 0x12, 1],
    ["_start", 0x100000, 0, 0x10, 1],
    ["counter", 0x102000, 4, 0x11, 2],
    ["kernel.c", 0, 0, 4, 0xfff1],
    [".L1", 0x100010, 0, 0, 1],
  ]);
  assert.deepEqual(
    elfFunctions(file).map(({ name, address, size }) => [name, address, size]),
    [
      ["kmain", 0x100100, 32],
      ["_start", 0x100000, undefined],
    ],
  );
});

test("a file without a table, one that was cut, and sections outside of it have none", () => {
  const file = elf([["kmain", 0x100100, 32, 0x12, 1]]);
  assert.deepEqual(elfFunctions(file.subarray(0, 0x108)), []);
  assert.deepEqual(elfFunctions(new Uint8Array(10)), []);
  new DataView(file.buffer).setUint32(0x100 + 3 * 40 + 4 * 4, 0xfffffff0, true);
  assert.deepEqual(elfFunctions(file), []);
});
