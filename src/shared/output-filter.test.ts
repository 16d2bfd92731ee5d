import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputFilter } from "./output-filter.ts";

function cutEvery(size: number, text: string): { readonly text: string; readonly statusRequests: number } {
  const filter = new OutputFilter();
  let statusRequests = 0;
  let pieces = "";
  for (let at = 0; at < text.length; at += size) {
    pieces += filter.filter(text.slice(at, at + size));
    statusRequests += filter.statusRequests;
  }
  return { text: pieces, statusRequests };
}

/** The result must not depend on where the output is cut. */
function whole(text: string) {
  const result = cutEvery(text.length, text);
  for (let size = 1; size <= 3; size++) assert.deepEqual(cutEvery(size, text), result, `cut every ${size}`);
  return result;
}

const filtered = (text: string): string => whole(text).text;
const statusRequests = (text: string): number => whole(text).statusRequests;

test("text, colours and movements pass", () => {
  for (const text of [
    "plain\r\n",
    "\x1b[1;31mred\x1b[0m",
    "\x1b[6n",
    "a\x1b(Bb\x1b7c\x1bcd",
    "\x1b[1\r\n2m",
    "\u009b2J\u0085",
    "日本\x1b[K😀",
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

test("nothing between ESC and what follows it hides a string", () => {
  for (const between of ["\0", "\n", "\x07", "\x7f", "\x19", "\ufeff", "\x1b", "\0\x7f\ufeff"]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are obeyed on the way
    const obeyed = between.replace(/[^\x00-\x1a]/g, "");
    assert.equal(filtered(`a\x1b${between}]0;title\x07b`), `a${obeyed}b`);
    assert.equal(filtered(`a\x1b${between}Pq~\x1b${between}\\b`), `a${obeyed}${obeyed}b`);
    assert.equal(filtered(`a\x1b${between}[31m`), `a${obeyed}\x1b[31m`);
  }
});

test("a string without an end takes nothing with it once something else begins", () => {
  for (const string of ["]0;", "Pq", "P1;2", "X", "^", "_G", "_"]) {
    for (const begun of ["\x1b[0m", "\x1bc", "\u009b0m", "\u0085"]) {
      assert.equal(filtered(`a\x1b${string}lost${begun}b`), `a${begun}b`, JSON.stringify(string + begun));
    }
    for (const end of ["\x18", "\x1a", "\u009c", "\x1b\\"]) {
      assert.equal(filtered(`a\x1b${string}${"x\r\n".repeat(2000)}${end}b`), "ab", JSON.stringify(string + end));
    }
    assert.equal(filtered(`a\x1b${string}lost\x1b]0;title\x07b`), "ab");
  }
});

test("BEL ends an OSC only, and a character that is not ASCII what xterm.js lets it end", () => {
  for (const string of ["Pq", "X", "^", "_G"]) assert.equal(filtered(`a\x1b${string}\x07b\u009cc`), "ac");
  for (const string of ["]0;", "Pq", "P1?", "_G"]) assert.equal(filtered(`a\x1b${string}ä😀b\u009cc`), "ac");
  for (const string of ["X", "^x", "P", "P1", "P$", "_"]) {
    assert.equal(filtered(`a\x1b${string}äb`), "ab");
    assert.equal(filtered(`a\x1b${string}😀b`), "ab");
  }
});

test("a sequence that a string breaks off does not go on after it", () => {
  assert.equal(filtered("\x1b[5\x1b]0;title\x07n"), "\x1b[5\x18n");
  assert.equal(filtered("\x1b[5\u009d0;title\x07n"), "\x1b[5\x18n");
  assert.equal(filtered("\x1b(\x1b\x1b\\n"), "\x1b(\x18n");
  assert.equal(filtered("\x1b[5\x1b\x1b[6n"), "\x1b[5\x1b[6n");
});

test("what the terminal will answer to is counted in each form that it understands", () => {
  for (const asked of [
    "[5n",
    "[05n",
    "[5;1n",
    "[5:1n",
    "[5:n",
    "[\v5n",
    "[5\x7fn",
    "[\ufeff5n",
    `[5${";".repeat(40)}7n`,
    "\x1b[5n",
    "[4\x1b[5n",
    "]0;title\x1b[5n",
  ]) {
    assert.equal(statusRequests(`\x1b${asked}`), 1, JSON.stringify(asked));
  }
  assert.equal(statusRequests("\u009b5n\x1b[5n"), 2);
  for (const other of [
    "[n",
    "[6n",
    "[55n",
    "[;5n",
    "[:5n",
    "[4294967301n",
    "[?5n",
    "[5?n",
    "[>5n",
    "[5 n",
    "[5 1n",
    "[5\x18n",
    "[5\u0085n",
    "[5än",
    "]5n\x07",
    "5n",
    "(5n",
  ]) {
    assert.equal(statusRequests(`\x1b${other}`), 0, JSON.stringify(other));
  }
});

test("a count is of what was filtered last", () => {
  const filter = new OutputFilter();
  filter.filter("\x1b[5n");
  assert.equal(filter.statusRequests, 1);
  filter.filter("x");
  assert.equal(filter.statusRequests, 0);
});

test("it is known where the terminal is in no sequence that goes on", () => {
  const filter = new OutputFilter();
  const after = (text: string): boolean => {
    filter.filter(text);
    return filter.atGround;
  };
  assert.equal(after("abc\x1b[3"), false);
  assert.equal(after("m"), true);
  assert.equal(after("\x1b"), true, "the ESC has not passed");
  assert.equal(after("[3"), false);
  assert.equal(after("\x1b"), true, "it ends what went before");
  assert.equal(after("]0;"), true, "no string passes");
  assert.equal(after("title\x07\u009b"), false);
});
