import assert from "node:assert/strict";
import { test } from "node:test";
import { SymbolTable } from "./kallsyms.ts";
import { Symbolizer } from "./symbolizer.ts";

const TEXT = "c0001000 T kernel_function\nc0002000 t vp_notify\t[virtio_pci]\nc0003000 t in_intr\t[virtio_console]";
const paging = { cr0: 0x80000000, cr3: 0x1000, cr4: 1 << 4 };

function setUp(live: boolean, code: readonly number[]) {
  const bytes = new Uint8Array(0x10000);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x1000 + 0x300 * 4, 0x83, true);
  bytes.set(code, 0x2000);
  const symbolizer = new Symbolizer({ size: bytes.length, bytes, view });
  symbolizer.use(SymbolTable.parse(TEXT), live);
  return (address: number) => symbolizer.locate(paging, address)?.symbol.name;
}

test("kernel functions are named without more ado", () => {
  assert.equal(setUp(false, [])(0xc0001010), "kernel_function");
});

test("a recorded module function counts only where a function begins", () => {
  assert.equal(setUp(false, [0x55, 0x89, 0xe5])(0xc0002010), "vp_notify");
  assert.equal(setUp(false, [0x3e, 0x8d, 0x74, 0x26, 0, 0x55, 0x89, 0xe5])(0xc0002010), "vp_notify");
  assert.equal(setUp(false, [0x90, 0x89, 0xe5])(0xc0002010), undefined);
  assert.equal(setUp(false, [0x55, 0x89, 0xe5])(0xc0003010), undefined);
});

test("a table from the running guest is believed", () => {
  assert.equal(setUp(true, [])(0xc0002010), "vp_notify");
});
