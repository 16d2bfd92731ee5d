import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainText } from "./plain-text.ts";

test("sequences to a terminal are taken out, wherever the output is cut", () => {
  const written = "~ # \x1b[6nls\r\n\x1b[1;34mbin\x1b[0m\x1b(B\x1b7\tend\r\n";
  for (let cut = 0; cut <= written.length; cut++) {
    const plain = new PlainText();
    assert.equal(plain.take(written.slice(0, cut)) + plain.take(written.slice(cut)), "~ # ls\r\nbin\tend\r\n");
  }
});

test("what never ends is not awaited for ever", () => {
  const plain = new PlainText();
  assert.equal(plain.take(`\x1b[${"1;".repeat(100)}`).length, 202);
  assert.equal(plain.take("later"), "later");
});
