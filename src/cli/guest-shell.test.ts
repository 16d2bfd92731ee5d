import assert from "node:assert/strict";
import { test } from "node:test";
import { atPrompt, PromptWatch } from "./guest-shell.ts";

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

test("the first prompt is found in pieces, behind colours and before what the kernel says", () => {
  const found = (...pieces: string[]): boolean[] => {
    const watch = new PromptWatch();
    return pieces.map((piece) => watch.take(Buffer.from(piece)));
  };
  assert.deepEqual(found('Type "poweroff"\r\n', "\r\n/root", " #", " \x1b[6n"), [false, false, false, true]);
  assert.deepEqual(found("\x1b[1m/root # \x1b[0m[ 12.3] usb: new\r\n"), [true]);
  assert.deepEqual(found("a comment # is none\n", "x".repeat(5000), " # "), [false, false, false]);
});
