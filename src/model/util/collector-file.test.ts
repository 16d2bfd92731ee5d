import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectorFile } from "./collector-file.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("an end that comes in several pieces is seen", () => {
  const file = new CollectorFile(100);
  file.write(bytes("c0001000 T one\n"));
  assert.equal(file.endsWith("\n.\n"), false);
  file.write(bytes("."));
  file.write(bytes("\n"));
  assert.equal(file.endsWith("\n.\n"), true);
  assert.equal(file.text(), "c0001000 T one\n.\n");
});

test("bytes beyond the limit are taken and dropped", () => {
  const file = new CollectorFile(4);
  assert.equal(file.write(bytes("abcdef")), 6);
  assert.equal(file.text(), "abcd");
});
