import assert from "node:assert/strict";
import { test } from "node:test";
import { Scrollback } from "./scrollback.ts";

test("what came is there again, without what a terminal would answer to", () => {
  const scrollback = new Scrollback();
  scrollback.add("one\r\n\x1b[6n\x1b[31m");
  scrollback.add("two\x1b[c\x1b[?25h\x1b[>0c\x1bZ");
  assert.equal(scrollback.text(), "one\r\n\x1b[31mtwo\x1b[?25h");
  scrollback.clear();
  assert.equal(scrollback.text(), "");
});

test("it stays bounded and begins with a whole line", () => {
  const scrollback = new Scrollback();
  for (let line = 0; line < 100_000; line++) scrollback.add(`line ${line}\r\n`);
  const text = scrollback.text();
  assert.ok(text.length <= 256 * 1024 && text.length > 250 * 1024);
  assert.match(text, /^line \d+\r\n/);
  assert.ok(text.endsWith("line 99999\r\n"));
});
