/** What the import of one file by another may not lead to: circles of values, knowledge of one transport's registers or of a layer's classes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf, isTest, resolve, sources } from "./imports.ts";

type Graph = ReadonlyMap<string, readonly string[]>;

/** The value imports of the model's files, among themselves. What imports types only, imports nothing when it runs. */
function modelGraph(): Graph {
  const files = sources().filter(({ file }) => file.startsWith("src/model/") && !isTest(file));
  return new Map(
    files.map(({ file, text }) => [
      file,
      importsOf(text)
        .filter(({ typeOnly }) => !typeOnly)
        .map(({ specifier }) => resolve(file, specifier)),
    ]),
  );
}

/** The groups of files each of which reaches all others of its group (Tarjan), sorted; single files are none. */
function circles(graph: Graph): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.size - 1);
    open.push(file);
    const lower = (to: number): void => void lowest.set(file, Math.min(lowest.get(file) ?? to, to));
    for (const target of graph.get(file) ?? []) {
      if (!graph.has(target)) continue;
      if (!order.has(target)) {
        visit(target);
        lower(lowest.get(target) ?? 0);
      } else if (open.includes(target)) {
        lower(order.get(target) ?? 0);
      }
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = open.splice(open.indexOf(file));
    if (group.length > 1) found.push(group.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found.sort();
}

test("circles are found, however long", () => {
  const graph = new Map([
    ["a", ["b", "outside"]],
    ["b", ["c"]],
    ["c", ["a", "d"]],
    ["d", ["e"]],
    ["e", ["d"]],
    ["f", ["a", "f"]],
  ]);
  assert.deepEqual(circles(graph), [
    ["a", "b", "c"],
    ["d", "e"],
  ]);
});

test("no files of the model import values of each other in a circle", () => {
  assert.deepEqual(circles(modelGraph()), []);
});

const LEGACY = "src/model/abi/virtio-legacy.ts";
const LEGACY_TRANSPORT = "src/model/device-model/hw/pci/virtio/transport/legacy/";

test("only the legacy transport knows the legacy registers", () => {
  const knowing = sources().filter(
    ({ file, text }) => !isTest(file) && importsOf(text).some(({ specifier }) => resolve(file, specifier) === LEGACY),
  );
  assert.ok(knowing.length > 0, `nobody imports ${LEGACY}: has it been renamed?`);
  assert.deepEqual(
    knowing.map(({ file }) => file).filter((file) => !file.startsWith(LEGACY_TRANSPORT)),
    [],
  );
});

/** Classes the debugger may ask an object for: none of a layer, which describe themselves. */
const OWN_CLASSES = new Set(["DebugError", "RangeError", "Uint8Array"]);

test("the debugger knows no structure of a layer by its class", () => {
  const asked = sources()
    .filter(({ file }) => file.startsWith("src/model/debug/") && !isTest(file))
    .flatMap(({ file, text }) => [...text.matchAll(/\binstanceof (\w+)/g)].map(([, name]) => ({ file, name })))
    .filter(({ name }) => !OWN_CLASSES.has(name));
  assert.deepEqual(asked, []);
});
