import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputFilter } from "./output-filter.ts";

/** The result must not depend on where the output is cut. */
function filtered(text: string): string {
  const whole = new OutputFilter().filter(text);
  for (let size = 1; size <= 3; size++) {
    const filter = new OutputFilter();
    let pieces = "";
    for (let at = 0; at < text.length; at += size) pieces += filter.filter(text.slice(at, at + size));
    assert.equal(pieces, whole, `cut every ${size}`);
  }
  return whole;
}

test("text, colours and movements pass", () => {
  for (const text of [
    "plain\r\n",
    "\x1b[1;31mred\x1b[0m",
    "\x1b[6n",
    "a\x1b(Bb\x1b7c\x1bcd",
    "\u009b2J",
    "日本\x1b[K",
  ]) {
    assert.equal(filtered(text), text);
  }
});

test("strings to the terminal are taken out", () => {
  assert.equal(filtered("a\x1b]0;title\x07b"), "ab");
  assert.equal(filtered("a\x1b]52;c;?\x1b\\b"), "ab");
  assert.equal(filtered("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\."), "link.");
  assert.equal(filtered("a\x1bPq#0~\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e"), "abcde");
  assert.equal(filtered("a\u009d0;t\u009cb\u0090q\u009cc"), "abc");
  assert.equal(filtered("\x1b\x1b]633;E;rm\x07."), ".");
});

test("a string without an end takes nothing with it once it is cancelled", () => {
  assert.equal(filtered(`a\x1b]0;${"x".repeat(5000)}\x18b\x1b[1mc`), "ab\x1b[1mc");
});

test("it is known where the terminal is in no sequence, and what it will answer", () => {
  const filter = new OutputFilter();
  filter.filter("abc\x1b[3");
  assert.ok(!filter.atGround);
  filter.filter("m");
  assert.ok(filter.atGround);
  filter.filter("\x1b");
  assert.ok(!filter.atGround);
  filter.filter("[5n\x1b[5n\x1b[6n\x1b[?5n");
  assert.equal(filter.statusRequests, 2);
  filter.filter("x");
  assert.equal(filter.statusRequests, 0);
});
