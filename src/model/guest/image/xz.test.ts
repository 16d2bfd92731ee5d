import assert from "node:assert/strict";
import { test } from "node:test";
import { CompressionError, decodeLzmaAlone } from "./lzma.ts";
import { CODE, PACKED, TEXT } from "./testing/packed.ts";
import { crc32, decodeXz } from "./xz.ts";

const LIMIT = 1 << 20;

test("crc32 of the standard check string", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("what xz packed comes back byte for byte", () => {
  assert.deepEqual(decodeXz(PACKED.crc64, LIMIT), TEXT);
  assert.deepEqual(decodeXz(PACKED.blocks, LIMIT), TEXT);
  assert.deepEqual(decodeLzmaAlone(PACKED.alone, LIMIT), TEXT);
});

test("the x86 filter is undone", () => {
  assert.deepEqual(decodeXz(PACKED.x86, LIMIT), CODE);
});

test("bytes after the footer are left alone", () => {
  assert.deepEqual(decodeXz(Buffer.concat([PACKED.x86, Buffer.alloc(7, 0xaa)]), LIMIT), CODE);
});

test("a filter that is not understood is named", () => {
  assert.throws(() => decodeXz(PACKED.delta, LIMIT), /xz filter 0x3; only LZMA2/);
});

test("output past the limit is refused", () => {
  for (const [unpack, packed] of [
    [decodeXz, PACKED.crc64],
    [decodeLzmaAlone, PACKED.alone],
  ] as const) {
    assert.throws(() => unpack(packed, TEXT.length - 1), CompressionError);
    assert.deepEqual(unpack(packed, TEXT.length), TEXT);
  }
});

test("input cut short at any place is refused", () => {
  for (const packed of [PACKED.x86, PACKED.crc64, PACKED.blocks]) {
    for (let length = 0; length < packed.length; length++) {
      assert.throws(() => decodeXz(packed.subarray(0, length), LIMIT), CompressionError, `${length} bytes`);
    }
  }
});

test("a changed byte is noticed or harmless, and never anything worse than a CompressionError", () => {
  for (const [packed, whole] of [
    [PACKED.x86, CODE],
    [PACKED.alone, undefined],
  ] as const) {
    for (let at = 0; at < packed.length; at++) {
      const damaged = packed.slice();
      damaged[at] ^= 1 << (at % 8);
      try {
        const result = whole ? decodeXz(damaged, LIMIT) : decodeLzmaAlone(damaged, LIMIT);
        if (whole) assert.deepEqual(result, whole, `byte ${at}`);
      } catch (error) {
        assert.ok(error instanceof CompressionError, `byte ${at}: ${error}`);
      }
    }
  }
});
