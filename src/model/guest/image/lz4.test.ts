import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeLz4Legacy } from "./lz4.ts";
import { CompressionError } from "./lzma.ts";
import { PACKED, TEXT } from "./testing/packed.ts";

const MAGIC = [0x02, 0x21, 0x4c, 0x18];

const block = (...bytes: number[]): number[] => [bytes.length, 0, 0, 0, ...bytes];
const unpack = (...bytes: number[]): Buffer =>
  Buffer.from(decodeLz4Legacy(Uint8Array.from([...MAGIC, ...bytes]), 1000));

test("what lz4 packed comes back byte for byte", () => {
  assert.deepEqual(decodeLz4Legacy(PACKED.lz4, TEXT.length), TEXT);
  assert.throws(() => decodeLz4Legacy(PACKED.lz4, TEXT.length - 1), CompressionError);
});

test("blocks and archives follow each other; a match may reach into itself", () => {
  const run = block(0x1f, 0x61, 1, 0, 2, 0x10, 0x62);
  assert.equal(unpack(...run, ...MAGIC, ...block(0x20, 0x63, 0x64)).toString(), `${"a".repeat(22)}bcd`);
});

const damaged: [string, number[], RegExp][] = [
  ["a block that is cut off", [9, 0, 0, 0, 0x10], /a block of 9 bytes ends outside the file/],
  ["a length that is cut off", block(0xf0, 255), /a length is cut off/],
  ["literals that are cut off", block(0x50, 1), /literals are cut off/],
  ["an offset that is cut off", block(0x10, 1, 1), /an offset is cut off/],
  ["a match before its block", [...block(0x10, 1), ...block(0x10, 1, 2, 0)], /an offset of 2 leads before its block/],
  ["an offset of nothing", block(0x10, 1, 0, 0), /an offset of 0/],
];
for (const [what, bytes, expected] of damaged) {
  test(`${what} is refused`, () => assert.throws(() => unpack(...bytes), expected));
}
