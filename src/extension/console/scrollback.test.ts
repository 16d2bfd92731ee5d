import assert from "node:assert/strict";
import { test } from "node:test";
import { Scrollback } from "./scrollback.ts";

/** What is replayed must not depend on how the output came. */
function replayed(text: string): string {
  const inPieces = (size: number): string => {
    const scrollback = new Scrollback();
    for (let at = 0; at < text.length; at += size) scrollback.add(text.slice(at, at + size));
    return scrollback.text();
  };
  const whole = inPieces(text.length);
  for (let size = 1; size <= 3; size++) assert.equal(inPieces(size), whole, `cut every ${size}`);
  return whole;
}

test("what came is there again", () => {
  const scrollback = new Scrollback();
  scrollback.add("one\r\n");
  scrollback.add("two\x1b[?25h");
  assert.equal(scrollback.text(), "one\r\ntwo\x1b[?25h");
});

test("what a terminal would answer to is not asked again", () => {
  for (const question of [
    "\x1bZ",
    "\x05",
    "\x1b[c",
    "\x1b[0c",
    "\x1b[>0c",
    "\x1b[=c",
    "\x1b[5n",
    "\x1b[6;1n",
    "\x1b[?6n",
    "\x1b[?996n",
    "\x1b[14t",
    "\x1b[16t",
    "\x1b[18t",
    "\x1b[>q",
    "\x1b[>0q",
    "\x1b[x",
    "\x1b[4$p",
    "\x1b[?1$p",
    "\x1b[?u",
    "\x1b[?1;1;0S",
    "\x1b[?1004h",
    "\u009b6n",
    "\x1b[6\x7f\x05n",
  ]) {
    assert.equal(replayed(`a${question}b`), "ab", JSON.stringify(question));
  }
});

test("what looks like a question and is none stays", () => {
  const text = "\x1b[2 q\x1b[u\x1b[S\x1b[!p\x1b(Z\x1b[?25h\x1b[?1004l\x1b[6än\x1b[6\x18n\x1b[5?n5n";
  assert.equal(replayed(text), text);
});

test("what is obeyed within a question stays, and what it broke off does not go on", () => {
  assert.equal(replayed("a\x1b[6\r\nnb"), "a\r\nb");
  assert.equal(replayed("a\x1b[5\x1b[cnb"), "a\x1b[5\x18nb");
  assert.equal(replayed("\x1b[?1000;1004;1006h"), "\x1b[?1000;1006h");
});

test("it stays bounded and begins with a whole line", () => {
  const scrollback = new Scrollback();
  for (let line = 0; line < 100_000; line++) scrollback.add(`line ${line}\r\n`);
  const text = scrollback.text();
  assert.ok(text.length <= 256 * 1024 && text.length > 250 * 1024);
  assert.match(text, /^line \d+\r\n/);
  assert.ok(text.endsWith("line 99999\r\n"));
});
