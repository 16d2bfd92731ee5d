import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { StationReference } from "../../../debug-adapter/protocol-stations.ts";
import { treeKind } from "../trees.ts";
import { fetchTree } from "./git.ts";
import { kernelVersion, wantedTrees } from "./wanted.ts";

const folder = mkdtempSync(join(tmpdir(), "get-sources-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const station = (file: string): StationReference => ({
  ...{ id: file, layer: "service-vm", repository: "torvalds/linux", file, about: "", contexts: [] },
});
const [, linux] = wantedTrees([station("drivers/virtio/virtio_ring.c"), station("fs/eventfd.c")], "6.1.176");

/** A repository with a tag and these files, to fetch from. */
function remote(files: readonly string[]): string {
  const at = join(folder, "remote");
  const git = (...args: string[]): void => {
    execFileSync("git", ["-C", at, "-c", "user.name=t", "-c", "user.email=t@localhost", ...args], { stdio: "ignore" });
  };
  mkdirSync(at);
  git("init", "-q");
  for (const file of files) {
    mkdirSync(dirname(join(at, file)), { recursive: true });
    writeFileSync(join(at, file), `${file}\n`);
  }
  git("config", "uploadpack.allowFilter", "true");
  git("config", "uploadpack.allowAnySHA1InWant", "true");
  git("add", ".");
  git("commit", "-q", "-m", "files");
  git("tag", linux.ref);
  return pathToFileURL(at).href;
}

test("of Linux what the chain is in is fetched, in the guest kernel's version, and is a tree that is taken", async () => {
  const url = remote([
    ...["Makefile", "kernel/Makefile", "kernel/fork.c", "drivers/virtio/virtio_ring.c", "drivers/virtio/Makefile"],
    ...["fs/eventfd.c", "fs/ext4/super.c", "include/linux/virtio.h", "include/linux/mtd/mtd.h", "sound/core.c"],
  ]);
  const parent = join(folder, "into");
  const { signal } = new AbortController();
  const at = await fetchTree({ ...linux, url }, parent, { signal });
  assert.equal(at, join(parent, "linux-6.1.176"));
  assert.equal(await treeKind(at), "linux");
  const has = (file: string) => existsSync(join(at, file));
  for (const file of ["fs/eventfd.c", "drivers/virtio/Makefile", "include/linux/virtio.h"]) assert.ok(has(file), file);
  for (const file of ["fs/ext4", "include/linux/mtd", "sound", "kernel/fork.c"]) assert.ok(!has(file), file);

  // It is there now: nothing is overwritten. And what fails leaves nothing.
  await assert.rejects(fetchTree({ ...linux, url }, parent, { signal }), /is there already, and is not empty/);
  const other = { ...linux, url, folder: "other" };
  await assert.rejects(fetchTree({ ...other, ref: "v0.0" }, parent, { signal }), /git clone: .*v0\.0/s);
  await assert.rejects(fetchTree(other, parent, { signal: AbortSignal.abort() }), /abort/i);
  assert.deepEqual(readdirSync(parent), ["linux-6.1.176"]);
});

test("the guest kernel's version", () => {
  const manifest = (version: string) => JSON.stringify({ packages: [{ name: "linux-image-6.1.0-50-686", version }] });
  assert.equal(kernelVersion(manifest("6.1.176-1")), "6.1.176");
  assert.equal(kernelVersion(manifest("unknown")), undefined);
  assert.equal(kernelVersion("{}"), undefined);
});
