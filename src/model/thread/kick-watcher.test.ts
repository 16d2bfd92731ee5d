import assert from "node:assert/strict";
import { test } from "node:test";
import { KickWatcher } from "./kick-watcher.ts";

test("kicks that overlap are counted each, and their time once", () => {
  let now = 0;
  const watcher = new KickWatcher(() => now, new Set());
  const at = (ms: number, tell: () => void): void => {
    now = ms;
    tell();
  };
  at(1, () => watcher.begin(0, 3, 1));
  at(3, () => watcher.begin(1, 3, 1));
  at(6, () => watcher.end(0, 3, 1));
  at(8, () => watcher.end(1, 3, 1));
  at(20, () => watcher.begin(1, 3, 1));
  at(21, () => watcher.end(1, 3, 1));
  assert.deepEqual([watcher.count, watcher.milliseconds], [3, 8]);
});
