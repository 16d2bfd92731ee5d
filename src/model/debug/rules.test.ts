import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "./rules.ts";

const hits = (text: string) => parseRules({ hitCondition: text }, () => true).hits;

test("hit conditions, with blanks wherever they do not matter", () => {
  assert.deepEqual(
    [" 3 ", ">=  3", " % 2", "<3"].map((text) => [2, 3, 4].filter((count) => hits(text)?.(count))),
    [[3], [3, 4], [2, 4], [2]],
  );
  for (const text of ["three", "> > 3", "3 3", "% 0"]) assert.throws(() => hits(text), /hit condition/);
});

test("a hit condition takes no longer than its length, however odd", () => {
  const start = performance.now();
  assert.throws(() => hits(`1${" ".repeat(1_000_000)}!`), /hit condition/);
  assert.throws(() => hits(`!${" ".repeat(1_000_000)}!`), /hit condition/);
  assert.throws(() => hits(`${" ".repeat(200_000)}!`), /hit condition/);
  assert.ok(performance.now() - start < 2000);
});
