import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, toBase64 } from "./base64.ts";
import { concat, indexOfText } from "./bytes.ts";
import { latin1 } from "./latin1.ts";

const all = Uint8Array.from({ length: 256 }, (_, i) => i);

test("every byte is a character of its own, however many there are", () => {
  assert.equal(latin1(all), Buffer.from(all).toString("latin1"));
  assert.equal(latin1(new Uint8Array(100_001).fill(0x80)), "\x80".repeat(100_001));
  assert.equal(latin1(all.subarray(0, 0)), "");
});

test("base64 there and back", () => {
  for (const length of [0, 1, 2, 3, 256]) {
    const bytes = all.subarray(256 - length);
    assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
    assert.deepEqual(fromBase64(toBase64(bytes)), Uint8Array.from(bytes));
  }
  assert.throws(() => fromBase64("?"));
});

test("pieces are put together, and a text is found among bytes", () => {
  const bytes = concat([all.subarray(0x61, 0x63), all.subarray(0, 0), all.subarray(0x61, 0x64)]);
  assert.equal(latin1(bytes), "ababc");
  assert.equal(indexOfText(bytes, "abc"), 2);
  assert.equal(indexOfText(bytes, "ab"), 0);
  assert.equal(indexOfText(bytes, "ab", 1), 2);
  assert.equal(indexOfText(bytes, "abcd"), -1);
});
