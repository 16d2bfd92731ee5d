import assert from "node:assert/strict";
import { test } from "node:test";
import { hexBytes, hexDump } from "./hex.ts";

test("bytes as digits", () => {
  assert.equal(hexBytes(Uint8Array.of(0, 9, 0xab)), "00 09 ab");
  assert.equal(hexBytes(new Uint8Array()), "");
});

test("a dump has sixteen bytes a line, in columns, with what is ASCII as text", () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, i) => (i < 17 ? 0x41 + i : i));
  assert.deepEqual(hexDump(0xffff_fff0n, bytes).split("\n"), [
    "fffffff0  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP",
    `100000000  51 11 12 13${" ".repeat(12)}  ${" ".repeat(23)}  Q...`,
  ]);
  assert.equal(hexDump(0, new Uint8Array()), "");
  assert.match(hexDump(0x10, Uint8Array.of(0x7e, 0x7f, 0x80)), /^00000010 {2}7e 7f 80 .* {2}~\.\.$/);
});
