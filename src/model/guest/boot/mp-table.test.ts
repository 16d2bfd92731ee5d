import assert from "node:assert/strict";
import { test } from "node:test";
import { buildMpTable } from "./mp-table.ts";

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total + byte) & 0xff, 0);

test("both checksums are right and the pointer leads to the table", () => {
  const bytes = buildMpTable(0xf0000, 0xfec01000, [{ slot: 3, pin: 0, ioapicPin: 16 }]);
  const view = new DataView(bytes.buffer);
  assert.equal(sum(bytes.subarray(0, 16)), 0);
  assert.equal(view.getUint32(4, true), 0xf0010);
  const length = view.getUint16(20, true);
  assert.equal(length, bytes.length - 16);
  assert.equal(sum(bytes.subarray(16)), 0);
});

test("entries are of the declared count, each type has its size, INTx is level and active low", () => {
  const bytes = buildMpTable(0xf0000, 0xfec01000, [{ slot: 3, pin: 1, ioapicPin: 17 }]);
  const view = new DataView(bytes.buffer);
  const count = view.getUint16(16 + 34, true);
  const found: number[][] = [];
  let at = 16 + 44;
  for (let i = 0; i < count; i++) {
    const size = bytes[at] === 0 ? 20 : 8;
    found.push([...bytes.subarray(at, at + size)]);
    at += size;
  }
  assert.equal(at, bytes.length);
  const ioapic = found.find((entry) => entry[0] === 2);
  assert.deepEqual(ioapic?.slice(4), [0x00, 0x10, 0xc0, 0xfe]);
  const pci = found.filter((entry) => entry[0] === 3 && entry[4] === 0);
  assert.deepEqual(pci, [[3, 0, 0x0f, 0, 0, (3 << 2) | 1, 1, 17]]);
  const timer = found.find((entry) => entry[0] === 3 && entry[4] === 1 && entry[5] === 0);
  assert.equal(timer?.[7], 2, "IRQ 0 is wired to pin 2");
});
