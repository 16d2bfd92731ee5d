import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { defaultLimits, Skips } from "./limits.ts";
import { listSources, readSource, stampOf } from "./read.ts";
import { temporaryFolder } from "./testing/files.ts";
import { writeFiles } from "./testing/trees.ts";

const reasons = (skips: Skips): string[] =>
  Object.entries(skips.report()).map(([reason, { count, examples }]) => `${reason} ${count}: ${examples.join(" ")}`);

test("what cannot be read as source is skipped and counted", { timeout: 10_000 }, () => {
  const root = writeFiles({ "fine.c": "int f;\n", "big.c": "x".repeat(2000), "binary.c": "a\0b", "empty.c": "" });
  mkdirSync(join(root, "folder.c"));
  execFileSync("mkfifo", [join(root, "pipe.c")]);
  const skips = new Skips();
  const read = (path: string) => readSource(root, path, { ...defaultLimits, fileBytes: 1000 }, skips)?.text;
  assert.equal(read("fine.c"), "int f;\n");
  assert.equal(read("empty.c"), "");
  for (const path of ["big.c", "binary.c", "folder.c", "pipe.c", "absent.c", "fine.c/below.c"]) {
    assert.equal(read(path), undefined, path);
  }
  assert.deepEqual(reasons(skips).sort(), [
    "binary 1: binary.c",
    "not a file 2: folder.c pipe.c",
    "too large 1: big.c",
  ]);
});

test("a file that cannot be opened is skipped and counted", () => {
  const root = temporaryFolder();
  symlinkSync(join(root, "self.c"), join(root, "self.c"));
  const skips = new Skips();
  assert.equal(readSource(root, "self.c", defaultLimits, skips), undefined);
  assert.deepEqual(reasons(skips), ["unreadable 1: self.c"]);
});

test("a listing follows no links, so it ends, and it counts them", () => {
  const root = writeFiles({ "a/one.c": "", "a/b/two.h": "", "a/b/text.txt": "", "a/.git/x.c": "", "c/three.c": "" });
  symlinkSync(root, join(root, "a", "loop"));
  symlinkSync(join(root, "c", "three.c"), join(root, "a", "link.c"));
  symlinkSync(join(root, "nowhere"), join(root, "a", "dangling.h"));
  const skips = new Skips();
  const files = listSources(root, ["a", "absent"], defaultLimits, skips);
  assert.deepEqual(
    files.map(({ path }) => path),
    ["a/b/two.h", "a/one.c"],
  );
  assert.deepEqual(files[1], { path: "a/one.c", ...stampOf(join(root, "a/one.c")) });
  assert.deepEqual(reasons(skips), ["symbolic link 3: a/dangling.h a/link.c a/loop"]);
});

test("a listing has limits of depth and number", () => {
  const root = temporaryFolder();
  const deep = join(root, ...Array.from({ length: 12 }, () => "d"));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "deep.c"), "");
  for (let i = 0; i < 10; i++) writeFileSync(join(root, "d", `${i}.c`), "");
  const skips = new Skips();
  assert.equal(listSources(root, ["d"], { ...defaultLimits, depth: 3, files: 4 }, skips).length, 4);
  assert.deepEqual(reasons(skips).sort(), ["folder too deep 1: d/d/d/d/d", "too many files 1: d"]);
});

test("a path that is read again is no longer among the skipped", () => {
  const skips = new Skips();
  skips.add("binary", "a.c");
  skips.add("binary", "b.c");
  skips.add("too large", "a.c");
  skips.forget("a.c");
  assert.deepEqual(reasons(skips), ["binary 1: b.c"]);
});
