import assert from "node:assert/strict";
import { test } from "node:test";
import { SymbolTable } from "./kallsyms.ts";
import { Symbolizer } from "./symbolizer.ts";

/** Where memory is seen a second time, as the area of vmalloc. */
const AREA = 0xd0800000;
/** In the recorded run: two modules of three functions, one of two pages. */
const TEXT = [
  "c0001000 T kernel_function",
  ..."c0,200,1500".split(",").map((at, i) => `${(AREA + Number(`0x${at}`)).toString(16)} t ring_${i}\t[virtio_ring]`),
  ..."0,100,300"
    .split(",")
    .map((at, i) => `${(AREA + 0x8000 + Number(`0x${at}`)).toString(16)} t con_${i}\t[virtio_console]`),
].join("\n");
const FRAME = [0x55, 0x89, 0xe5];
const AFTER_FTRACE = [0x3e, 0x8d, 0x74, 0x26, 0, ...FRAME];
const paging = { cr0: 0x80000000, cr3: 0x1000, cr4: 1 << 4 };

/** A guest with code at these places of the area. */
function setUp(code: { readonly [offset: number]: readonly number[] }, live = false) {
  const bytes = new Uint8Array(0x20000);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x1000 + 0x300 * 4, 0x83, true);
  view.setUint32(0x1000 + (AREA >>> 22) * 4, 0x83, true);
  for (const [offset, values] of Object.entries(code)) bytes.set(values, Number(offset));
  const symbolizer = new Symbolizer({ size: bytes.length, bytes, view });
  symbolizer.use(SymbolTable.parse(TEXT), live);
  const at = (offset: number) => symbolizer.locate(paging, AREA + offset)?.symbol.name;
  return { symbolizer, at };
}

test("kernel functions are named without more ado", () => {
  assert.equal(setUp({}).symbolizer.locate(paging, 0xc0001010)?.symbol.name, "kernel_function");
});

test("a module's functions count only where functions begin", () => {
  assert.equal(setUp({ 33280: AFTER_FTRACE }).at(0x8210), undefined);
  const { at } = setUp({ 32960: FRAME, 33280: AFTER_FTRACE, 38144: FRAME });
  assert.equal(at(0x8210), "ring_1");
});

test("a module is found where it is in this boot, with all its functions", () => {
  const { symbolizer, at } = setUp({ 45248: FRAME, 45568: AFTER_FTRACE, 50432: FRAME });
  assert.deepEqual(
    symbolizer.table?.functionsNamed("ring_2", 9).map(({ address }) => address),
    [AREA + 0x1500],
  );
  assert.equal(at(0xc510), "ring_2");
  assert.equal(at(0xb0d0), "ring_0");
  assert.deepEqual(
    symbolizer.table?.functionsNamed("ring_2", 9).map(({ address }) => address),
    [AREA + 0xc500],
  );
});

test("behind a module's last function another one is looked for", () => {
  const { at } = setUp({ 45248: FRAME, 45568: FRAME, 50432: FRAME, 53248: FRAME, 53504: FRAME, 54016: FRAME });
  assert.equal(at(0xb210), "ring_1");
  assert.equal(at(0xd110), "con_1");
});

test("far behind a module's last function nothing is known", () => {
  const { at } = setUp({ 45248: FRAME, 45568: FRAME, 50432: FRAME });
  assert.equal(at(0xc510), "ring_2");
  assert.equal(at(0xcff0), "ring_2");
  assert.equal(at(0xd010), undefined);
  assert.equal(at(0xe010), undefined);
});

test("a module that could be at two places is at none", () => {
  const both = [0xa0c0, 0xa200, 0xb0c0, 0xb200, 0xb500, 0xc500];
  const { at } = setUp(Object.fromEntries(both.map((offset) => [offset, FRAME])));
  assert.equal(at(0xb210), undefined);
});

test("memory that is mapped as it is, and pages that are not mapped, are no modules", () => {
  const { symbolizer } = setUp({ 32960: FRAME, 33280: FRAME, 38144: FRAME });
  assert.equal(symbolizer.locate(paging, 0xc0008210), undefined);
  assert.equal(symbolizer.locate(paging, 0xd4000000), undefined);
});

test("a table from the running guest is believed", () => {
  assert.equal(setUp({}, true).at(0x210), "ring_1");
});
