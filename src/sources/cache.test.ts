import assert from "node:assert/strict";
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { IndexCache } from "./cache.ts";
import type { Snapshot } from "./index.ts";
import { temporaryFolder } from "./testing/files.ts";
import type { Tree } from "./types.ts";

const tree = (root: string): Tree => ({ kind: "acrn", root, from: "configured" });
const snapshot: Snapshot = {
  entries: [{ stamp: { mtimeMs: 1.5, size: 3 }, index: { path: "a.c", functions: [], errors: 0 } }],
  search: { key: "k", names: ["f"], skipped: [["binary", "b.c"]] },
};

test("what is saved is loaded again, tree by tree", () => {
  const cache = new IndexCache(join(temporaryFolder(), "deep", "folder"));
  assert.equal(cache.load(tree("/a")), undefined);
  assert.equal(cache.save(tree("/a"), snapshot), undefined);
  assert.deepEqual(cache.load(tree("/a")), snapshot);
  assert.equal(cache.load(tree("/b")), undefined);
});

test("a damaged file is ignored, whatever the damage", () => {
  const folder = temporaryFolder();
  const cache = new IndexCache(folder);
  cache.save(tree("/a"), snapshot);
  const path = join(folder, readdirSync(folder)[0]);
  const whole = readFileSync(path, "utf8");
  const [header] = whole.split("\n");
  for (const damaged of [
    "",
    "\n",
    whole.slice(0, -1),
    whole.slice(0, 40),
    `${whole} `,
    whole.replace("a.c", "b.c"),
    whole.replace('"version":', '"version":9'),
    whole.replace('"/a"', '"/b"'),
    `${header}\n{}`,
    `{}\n${whole.slice(header.length + 1)}`,
    "\0".repeat(1000),
  ]) {
    writeFileSync(path, damaged);
    assert.equal(cache.load(tree("/a")), undefined, JSON.stringify(damaged.slice(0, 60)));
  }
  writeFileSync(path, whole);
  assert.deepEqual(cache.load(tree("/a")), snapshot);
});

test("the folder is bounded, and half-written files are swept away; other files stay", () => {
  const folder = temporaryFolder();
  const cache = new IndexCache(folder);
  const abandoned = join(folder, "sources-0123456789abcdef.json.77.new");
  writeFileSync(abandoned, "half");
  utimesSync(abandoned, 1, 1);
  writeFileSync(join(folder, "mine.json"), "{}");
  for (let i = 0; i < 20; i++) cache.save(tree(`/t${i}`), snapshot);
  const names = readdirSync(folder);
  assert.equal(names.length, 13);
  assert.ok(names.includes("mine.json"));
  assert.ok(names.every((name) => !name.endsWith(".new")));
  assert.deepEqual(cache.load(tree("/t19")), snapshot);
});

test("a folder that cannot be written costs a note", () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const note = new IndexCache(join(file, "below")).save(tree("/a"), snapshot);
  assert.match(note ?? "", /^the index of \/a cannot be kept in .*: /);
});
