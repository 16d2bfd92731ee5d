import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { MARKERS, type TreeKind } from "../../shared/source-trees.ts";
import { treeKind } from "./trees.ts";

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

test("a folder is a tree when it has all marks", async () => {
  const linux = makeTree("linux", "half");
  assert.equal(await treeKind(linux), "linux");
  assert.equal(await treeKind(makeTree("acrn", "acrn-hypervisor")), "acrn");
  rmSync(join(linux, "kernel/Makefile"));
  assert.equal(await treeKind(linux), undefined);
  assert.equal(await treeKind(join(folder, "none")), undefined);
});
