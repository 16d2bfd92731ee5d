import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { acrnVersion, findTrees, linuxVersion, namedTree, recognise, SourcesError } from "./detect.ts";
import { temporaryFolder } from "./testing/files.ts";
import { acrnMarkers, linuxMarkers, writeFiles } from "./testing/trees.ts";

test("the roots of both trees are recognised, with their versions", async () => {
  const acrn = writeFiles(acrnMarkers);
  assert.deepEqual(await recognise(acrn, "workspace"), {
    kind: "acrn",
    root: acrn,
    version: "3.4-unstable",
    from: "workspace",
  });
  const linux = writeFiles(linuxMarkers);
  assert.deepEqual(await recognise(linux, "configured"), {
    kind: "linux",
    root: linux,
    version: "6.12.1",
    hsm: "mainline",
    from: "configured",
  });
});

test("a kernel is told by its HSM driver", async () => {
  const { "drivers/virt/acrn/ioreq.c": _driver, ...none } = linuxMarkers;
  assert.equal((await recognise(writeFiles(none), "workspace"))?.hsm, "none");
  const fork = writeFiles({ ...linuxMarkers, "drivers/virt/acrn/sbuf.c": "" });
  assert.equal((await recognise(fork, "workspace"))?.hsm, "acrn-kernel");
});

test("other folders are not recognised", async () => {
  assert.equal(await recognise(writeFiles({ "hypervisor/Makefile": "", "README.md": "" }), "workspace"), undefined);
  assert.equal(await recognise(writeFiles({ ...linuxMarkers, Makefile: "all:\n\tcc\n" }), "workspace"), undefined);
  assert.equal(await recognise(join(temporaryFolder(), "nothing"), "workspace"), undefined);
});

test("a tree without a readable version has none", async () => {
  const { VERSION: _version, ...unversioned } = acrnMarkers;
  assert.deepEqual(Object.keys((await recognise(writeFiles(unversioned), "workspace")) ?? {}), [
    "kind",
    "root",
    "from",
  ]);
  assert.equal(acrnVersion("MAJOR_VERSION=\n"), undefined);
  assert.equal(acrnVersion("MAJOR_VERSION=2\n"), "2.0");
  assert.equal(linuxVersion("VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\n"), "5.4.0-rc3");
  assert.equal(linuxVersion("VERSION = x\nPATCHLEVEL = 4\n"), undefined);
});

test("trees are found in workspace folders and two levels below, not deeper and not in hidden folders", async () => {
  const folder = temporaryFolder();
  for (const path of ["acrn", "src/linux", "a/b/too-deep", ".hidden", "node_modules/x"]) {
    writeFiles(path.includes("linux") ? linuxMarkers : acrnMarkers, join(folder, path));
  }
  const found = await findTrees([folder, join(folder, "acrn")]);
  assert.deepEqual(
    found.map(({ root }) => relative(folder, root)),
    ["acrn", join("src", "linux")],
  );
  assert.deepEqual(await findTrees([join(folder, "nowhere")]), []);
});

test("a folder with very many folders, or with a loop of links, is given up in time", async () => {
  const folder = temporaryFolder();
  for (let i = 0; i < 500; i++) mkdirSync(join(folder, `d${i}`));
  symlinkSync(folder, join(folder, "a-loop"));
  assert.deepEqual(await findTrees([folder]), []);
});

test("a tree may be named absolutely, from home, or from the first workspace folder", async () => {
  const root = writeFiles(acrnMarkers);
  assert.equal((await namedTree("acrn", root, [])).root, root);
  assert.equal((await namedTree("acrn", `${root}/`, [])).root, root);
  assert.equal((await namedTree("acrn", relative(join(root, ".."), root), [join(root, "..")])).root, root);
  assert.equal((await namedTree("acrn", `~/${relative(homedir(), root)}`, [])).root, root);
});

test("what is named wrongly is told with what was expected and what to do", async () => {
  const acrn = writeFiles(acrnMarkers, join(temporaryFolder(), "acrn-hypervisor"));
  const linux = writeFiles(linuxMarkers);
  const parent = join(acrn, "..");
  const wrong = (kind: "acrn" | "linux", path: string, message: RegExp) =>
    assert.rejects(namedTree(kind, path, []), (error) => error instanceof SourcesError && message.test(error.message));
  await wrong(
    "acrn",
    "/no/such/folder",
    /sources\.acrn is "\/no\/such\/folder", expected the root of an acrn-hyperv.* there is no/,
  );
  await wrong("acrn", linux, /it is the root of a Linux or acrn-kernel checkout: name it in sources\.linux instead/);
  await wrong("linux", acrn, /name it in sources\.acrn instead/);
  await wrong("acrn", join(acrn, "devicemodel", "core"), new RegExp(`Did you mean ${acrn}\\?`));
  await wrong("acrn", parent, new RegExp(`Did you mean ${acrn}\\?`));
  rmSync(join(linux, "kernel"), { recursive: true });
  await wrong("linux", linux, /kernel\/Makefile is not there\. Name the folder that "git clone" made/);
});
