import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { type Snapshot, TreeIndexer } from "./index.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { CParser } from "./parse.ts";
import { wasm } from "./testing/files.ts";
import { acrnMarkers, dm, type Files, hv, writeFiles } from "./testing/trees.ts";
import type { IndexProgress, StationRef, Tree, TreeIndex } from "./types.ts";
import { wantedIn } from "./wanted.ts";

let parser: CParser;
before(async () => {
  parser = await CParser.create(wasm);
});

const stations: readonly StationRef[] = [
  dm("notify_tx", "console.c"),
  dm("vm_loop", "core/main.c", "old_vm_loop"),
  hv("emulate_io", "dm/io_req.c"),
];

function indexer(root: string, limits: Partial<Limits> = {}, onProgress: (p: IndexProgress) => void = () => {}) {
  const tree: Tree = { kind: "acrn", root, from: "configured" };
  const all = { ...defaultLimits, ...limits };
  const parse = async (path: string, text: string, isWanted: (name: string) => boolean) =>
    parser.parse(path, text, isWanted, all);
  return new TreeIndexer(tree, wantedIn(tree, stations), all, parse, onProgress);
}

const shown = ({ files }: TreeIndex): string[] =>
  files.map(({ path, functions }) => `${path}: ${functions.map(({ name }) => name).join(" ")}`).sort();

const tree = (files: Files): string => writeFiles({ ...acrnMarkers, ...files });

const whole: Files = {
  "devicemodel/console.c": "void notify_tx(void)\n{\n\tvq_getchain();\n}\n",
  "devicemodel/core/main.c": "void vm_loop(void)\n{\n}\n",
  "hypervisor/dm/io_req.c": "int emulate_io(void)\n{\n\treturn 0;\n}\n",
  "devicemodel/other.c": "int other(void)\n{\n}\n",
};

test("a tree that is as the registry says needs its files only", async () => {
  const one = indexer(tree(whole));
  assert.deepEqual(shown(await one.indexAll()), [
    "devicemodel/console.c: notify_tx",
    "devicemodel/core/main.c: vm_loop",
    "hypervisor/dm/io_req.c: emulate_io",
  ]);
  assert.equal(one.parsed, 3);
  assert.deepEqual(one.result().searched, []);
});

test("functions that are not in their files are searched in the whole tree", async () => {
  const one = indexer(
    tree({
      "devicemodel/core/main.c": "int main(void)\n{\n}\n",
      "devicemodel/core/loop.c": "static void\nold_vm_loop(void)\n{\n}\n",
      "devicemodel/include/console.h": "void notify_tx(void);\n",
      "devicemodel/uses.c": "int uses(void)\n{\n\treturn notify_tx();\n}\n",
      "hypervisor/arch/emulate.c": "int emulate_io(void)\n{\n\treturn 0;\n}\n",
    }),
  );
  assert.deepEqual(shown(await one.indexAll()), [
    "devicemodel/core/loop.c: old_vm_loop",
    "devicemodel/core/main.c: main",
    "hypervisor/arch/emulate.c: emulate_io",
  ]);
  assert.deepEqual(one.result().searched, ["notify_tx", "vm_loop", "old_vm_loop", "emulate_io"]);
});

test("a search on demand also finds what a macro defines in a file that is indexed already", async () => {
  const macro = "DEFINE_HANDLER(late)\n{\n\tcall();\n}\n";
  const one = indexer(tree({ ...whole, "devicemodel/console.c": `${whole["devicemodel/console.c"]}${macro}` }));
  await one.indexAll();
  assert.ok(shown(await one.search(["late", "never"])).includes("devicemodel/console.c: notify_tx late"));
  assert.equal(one.parsed, 4);
  await one.search(["late", "never"]);
  assert.equal(one.parsed, 4);
});

test("a snapshot saves all parsing while nothing has changed, and what has is parsed again", async () => {
  const root = tree({ ...whole, "hypervisor/dm/io_req.c": "", "hypervisor/moved.c": whole["hypervisor/dm/io_req.c"] });
  const first = indexer(root);
  const index = await first.indexAll();
  const kept = JSON.parse(JSON.stringify(first.snapshot())) as Snapshot;
  const again = indexer(root);
  again.restore(kept);
  assert.deepEqual(await again.indexAll(), index);
  assert.equal(again.parsed, 0);

  writeFileSync(join(root, "devicemodel/console.c"), "\n\nvoid notify_tx(void)\n{\n}\n");
  const changed = indexer(root);
  changed.restore(kept);
  const { files } = await changed.indexAll();
  assert.equal(changed.parsed, 1);
  assert.equal(files.find(({ path }) => path === "devicemodel/console.c")?.functions[0].line, 3);

  rmSync(join(root, "hypervisor/moved.c"));
  const removed = indexer(root);
  removed.restore(kept);
  await removed.indexAll();
  assert.equal(removed.result().files.length, 3);
});

test("a saved file is read again, also when it was of no interest before", async () => {
  const root = tree({ ...whole, "devicemodel/console.c": "" });
  const one = indexer(root);
  await one.indexAll();
  writeFileSync(join(root, "devicemodel/other.c"), "\nvoid notify_tx(void)\n{\n}\n");
  await one.refresh("devicemodel/other.c");
  assert.ok(shown(one.result()).includes("devicemodel/other.c: notify_tx"));
  writeFileSync(join(root, "devicemodel/other.c"), "int none;\n");
  await one.refresh("devicemodel/other.c");
  assert.ok(shown(one.result()).includes("devicemodel/other.c: "));
  await one.refresh("devicemodel/absent.c");
  rmSync(join(root, "devicemodel/core/main.c"));
  await one.refresh("devicemodel/core/main.c");
  assert.deepEqual(shown(one.result()), [
    "devicemodel/console.c: ",
    "devicemodel/other.c: ",
    "hypervisor/dm/io_req.c: emulate_io",
  ]);
});

test("files over the limits are counted, also when the search comes from the cache", async () => {
  const root = tree({
    ...whole,
    "devicemodel/console.c": `${whole["devicemodel/console.c"]}${"/* long */\n".repeat(1000)}`,
    "devicemodel/z.c": whole["devicemodel/console.c"],
    "hypervisor/binary.c": "\0\0",
  });
  const limits = { fileBytes: 5000, searchBytes: 100 };
  const first = indexer(root, limits);
  await first.indexAll();
  const expected = {
    "too large": { count: 1, examples: ["devicemodel/console.c"] },
    binary: { count: 1, examples: ["hypervisor/binary.c"] },
    "too much text": { count: 1, examples: ["devicemodel/z.c"] },
  };
  assert.deepEqual(first.result().skipped, expected);
  const again = indexer(root, limits);
  again.restore(first.snapshot());
  await again.indexAll();
  assert.deepEqual(again.result().skipped, expected);
});

test("progress tells files done and to do, reading and then searching", async () => {
  const seen: IndexProgress[] = [];
  await indexer(tree({}), {}, (progress) => seen.push(progress)).indexAll();
  assert.deepEqual([...new Set(seen.map(({ phase }) => phase))], ["reading", "searching"]);
  assert.ok(seen.every(({ done, total }) => done < total));
});
