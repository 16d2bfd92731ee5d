import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { SourceMap } from "./sources.ts";
import { makeSourceFiles, temporaryFolder } from "./testing/files.ts";
import { acrnMarkers, dm, writeFiles } from "./testing/trees.ts";

const station = dm("vm_loop", "core/main.c");
const other = dm("vm_create", "core/vmmapi.c");
const loop = "static void\nvm_loop(struct vmctx *ctx)\n{\n\thandle_vmexit(ctx);\n}\n";

async function openMap(acrn: string, files: Partial<Awaited<ReturnType<typeof makeSourceFiles>>>, stuckMs = 500) {
  const limits = { stuckMs };
  return SourceMap.create({
    acrn,
    workspaceFolders: [],
    prefer: "checkout",
    files,
    stations: [station, other],
    limits,
  });
}

test("a file the parser does not come back from is given up, the tree is not", async () => {
  // Its time is spent where tree-sitter does not look at the clock.
  const acrn = writeFiles({
    ...acrnMarkers,
    "devicemodel/core/main.c": `${loop}${"*".repeat(100_000)}`,
    "devicemodel/core/vmmapi.c": "int vm_create(void)\n{\n\treturn ioctl(1);\n}\n",
  });
  const map = await openMap(acrn, await makeSourceFiles());
  const { trees } = await map.ready;
  assert.equal(trees[0].failure, undefined);
  assert.deepEqual(trees[0].skipped, { "parsing took too long": { count: 1, examples: ["devicemodel/core/main.c"] } });
  const found = map.resolve(station);
  assert.equal(found.kind === "found" && found.line, 2);
  assert.equal(map.callSite(other, ["ioctl"]).kind, "found");
  await map.dispose();
});

test("a thread that dies, does not start, or has no grammar leaves a reason, and the model", async () => {
  const acrn = writeFiles({ ...acrnMarkers, "devicemodel/core/main.c": loop });
  const files = await makeSourceFiles();
  const dying = join(temporaryFolder(), "dying.mjs");
  writeFileSync(dying, "process.exit(3);");
  for (const [changed, reason] of [
    [{ worker: pathToFileURL(dying) }, /died: it ended with code 3/],
    [{ worker: pathToFileURL("/no/such/worker.mjs") }, /died: Cannot find module/],
    [
      { wasm: { ...files.wasm, grammar: "/no/such.wasm" } },
      /tree-sitter cannot be loaded from .* and \/no\/such\.wasm: ENOENT/,
    ],
    [{ wasm: { ...files.wasm, grammar: dying } }, /tree-sitter cannot be loaded/],
  ] as const) {
    const map = await openMap(acrn, { ...files, ...changed });
    assert.match((await map.ready).trees[0].failure ?? "", reason);
    const found = map.resolve(station);
    assert.equal(found.kind === "found" && found.origin, "model");
    await map.dispose();
  }
});

test("after the thread has died a saved file begins a new one", async () => {
  const acrn = writeFiles({ ...acrnMarkers, "devicemodel/core/main.c": loop });
  const map = await openMap(acrn, await makeSourceFiles());
  await map.ready;
  const path = join(acrn, "devicemodel/core/main.c");
  writeFileSync(path, `${loop}${"*".repeat(100_000)}`);
  await map.refresh(path);
  writeFileSync(path, `\n\n${loop}`);
  await map.refresh(path);
  const found = map.resolve(station);
  assert.equal(found.kind === "found" && found.line, 4);
  await map.dispose();
});

test("a closed map answers with what it knows", async () => {
  const acrn = writeFiles({ ...acrnMarkers, "devicemodel/core/main.c": loop });
  const map = await openMap(acrn, await makeSourceFiles());
  await map.ready;
  await map.dispose();
  await map.refresh(join(acrn, "devicemodel/core/main.c"));
  assert.equal(map.resolve(station).kind, "found");
  await map.find(["x"]);
});
