import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { MARKERS, type TreeKind } from "../../debug-adapter/protocol-trees.ts";
import { findTrees, treeKind } from "./trees.ts";

const folder = mkdtempSync(join(tmpdir(), "acrn-trees-"));
after(() => rmSync(folder, { recursive: true }));

function makeTree(kind: TreeKind, name: string): string {
  for (const marker of MARKERS[kind]) {
    const path = join(folder, name, marker);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }
  return join(folder, name);
}

test("trees are found at the workspace's folders and in them, the first of each kind", async () => {
  const acrn = makeTree("acrn", "work/acrn-hypervisor");
  const linux = makeTree("linux", "work/linux");
  makeTree("acrn", "work/second");
  makeTree("acrn", "work/node_modules");
  makeTree("acrn", "work/.hidden");
  makeTree("acrn", "deep/a/b");
  assert.deepEqual(await findTrees([join(folder, "work")]), { acrn, linux });
  assert.deepEqual(await findTrees([linux, acrn]), { acrn, linux });
  assert.deepEqual(await findTrees([join(folder, "deep"), join(folder, "none")]), {});
});

test("a folder is a tree when it has all marks", async () => {
  const linux = makeTree("linux", "half");
  assert.equal(await treeKind(linux), "linux");
  rmSync(join(linux, "kernel/Makefile"));
  assert.equal(await treeKind(linux), undefined);
  assert.equal(await treeKind(join(folder, "none")), undefined);
});
