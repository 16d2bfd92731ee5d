import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_KALLSYMS_BYTES, SymbolTable } from "./kallsyms.ts";

const TEXT = [
  "00000000 A fixed_percpu_data",
  "c1000000 T _stext",
  "c1000100 t helper",
  "c1000180 d some_data",
  "c1000200 T later",
  "f7c01000 t vp_notify\t[virtio_pci]",
  "f7c02000 d __this_module\t[virtio_pci]",
  "rubbish",
].join("\n");

test("an address belongs to the function before it, not to data", () => {
  const table = SymbolTable.parse(TEXT);
  const found = table.locate(0xc1000190);
  assert.equal(found?.symbol.name, "helper");
  assert.equal(found?.offset, 0x90);
  assert.equal(table.locate(0xc1000200)?.symbol.name, "later");
});

test("module symbols carry their module", () => {
  const table = SymbolTable.parse(TEXT);
  assert.deepEqual(table.locate(0xf7c01010)?.symbol, {
    name: "vp_notify",
    address: 0xf7c01000,
    module: "virtio_pci",
    isFunction: true,
  });
});

test("modules elsewhere, and the others left out or left where they are", () => {
  const table = SymbolTable.parse(`${TEXT}\nf7d00000 t in_intr\t[virtio_console]`);
  assert.deepEqual([...table.modules().keys()], ["virtio_pci", "virtio_console"]);
  const distances = new Map([["virtio_pci", -0x1000]]);
  const certain = table.withModules(distances, false);
  assert.equal(certain.locate(0xf7c00010)?.symbol.name, "vp_notify");
  assert.equal(certain.locate(0xf7d00000), undefined);
  assert.equal(certain.locate(0xc1000110)?.symbol.name, "helper");
  assert.deepEqual(
    table
      .withModules(distances, true)
      .functionsNamed("in_intr", 2)
      .map(({ address }) => address),
    [0xf7d00000],
  );
});

test("addresses before the first and far behind the last function belong to nothing", () => {
  const table = SymbolTable.parse(TEXT);
  assert.equal(table.locate(0x1000), undefined);
  assert.equal(table.locate(0xd0000000), undefined);
});

test("a list without symbols and an endless list are refused", () => {
  assert.throws(() => SymbolTable.parse("00000000 T a\n"), /kptr_restrict/);
  assert.throws(() => SymbolTable.parse("c".repeat(MAX_KALLSYMS_BYTES + 1)), /at most/);
});
