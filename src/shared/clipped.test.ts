import assert from "node:assert/strict";
import { test } from "node:test";
import { clipped } from "./clipped.ts";

test("a message that quotes too much keeps its beginning and its advice", () => {
  assert.equal(clipped("short"), "short");
  const text = clipped(`unknown option "${"x".repeat(100_000)}"; expected one of those below`);
  assert.ok(text.length < 2100);
  assert.match(text, /^unknown option "x+ \[98046 characters left out\] x+"; expected one of those below$/);
});
