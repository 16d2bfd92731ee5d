import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInStations } from "../model/stations.ts";
import { stationsCommand } from "./stations.ts";

const lines = stationsCommand("table").split("\n");

test("every function is listed once, below its file and its contexts", () => {
  const listed = lines.flatMap((line) => /^ {4}(\w+) {2}/.exec(line)?.[1] ?? []);
  assert.deepEqual(listed.toSorted(), builtInStations.all.map(({ id }) => id).toSorted());
  const at = lines.findIndex((line) => /^ {4}vp_notify /.test(line));
  const heads = lines.slice(0, at).filter((line) => !line.startsWith("   "));
  assert.deepEqual(heads.slice(-2), ["guest  torvalds/linux:drivers/virtio/virtio_pci_common.c", "  in guest:vcpu<n>"]);
});

test("the list fits a terminal of 100 columns, and no word of a purpose is lost", () => {
  for (const line of lines) assert.ok(line.length <= 100, line);
  const words = lines.join(" ").replace(/\s+/g, " ");
  for (const { about } of builtInStations.all) assert.ok(words.includes(about), about);
});

test("json is for programs", () => {
  const [first] = JSON.parse(stationsCommand("json"));
  assert.deepEqual(Object.keys(first), ["id", "layer", "repository", "file", "contexts", "about"]);
});
