import assert from "node:assert/strict";
import { test } from "node:test";
import { atPrompt } from "./guest-shell.ts";

test("a prompt is a directory and a hash at the start of the last line", () => {
  assert.equal(atPrompt("~ # "), true);
  assert.equal(atPrompt("done\n/usr/lib # "), true);
  assert.equal(atPrompt("~ # ls"), false);
  assert.equal(atPrompt("chapter 2 # "), false);
  assert.equal(atPrompt("~ #"), false);
});

test("only the end of a long line is looked at", () => {
  // Searched from each of its characters on, this would not end.
  assert.equal(atPrompt("\0".repeat(4_000_000)), false);
});
