import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { allStations } from "../model/chain/stations/index.ts";
import { readModel, scanModel } from "./model-scan.ts";
import { loadModelSources } from "./model-sources.ts";
import { ROOT, temporaryFolder } from "./testing/files.ts";
import { writeFiles } from "./testing/trees.ts";

/** Named by the registry for completeness; no device of this machine has them. */
const NAMED_ONLY = ["virtio_notify_cfg_write", "virtio_pci_modern_pio_write", "virtio_poll_timer"];

test("every station outside of the guest has its place in the model, but for those that are only named", () => {
  const { stations, files } = readModel(ROOT);
  const expected = allStations().filter(({ layer }) => layer !== "guest");
  const missing = expected.map(({ id }) => id).filter((id) => stations[id] === undefined);
  assert.deepEqual(
    missing.filter((id) => !NAMED_ONLY.includes(id)),
    [],
  );
  for (const [id, places] of Object.entries(stations)) {
    assert.ok(
      expected.some((station) => station.id === id),
      `${id} is no station`,
    );
    for (const { path, name } of places) {
      const def = files.find((file) => file.path === path)?.functions.find((one) => one.name === name);
      assert.ok(def !== undefined, `${id}: ${name} in ${path}`);
      const line = readFileSync(join(ROOT, path), "utf8").split("\n")[def.line - 1];
      assert.equal(line.slice(def.column - 1, def.column - 1 + name.length), name);
    }
  }
});

const source = [
  'import { station } from "./announce.ts";',
  "",
  "/** Not a call: hidden(). */",
  "export const vqEndchains = station(",
  "  S.vq_endchains,",
  "  (vq: Vq): void => {",
  "    // nor here: hidden()",
  "    if (done(vq)) vqInterrupt(vq);",
  "    this.#ops.notify?.(vq);",
  "  },",
  ");",
  "",
  "const start = stationThread(stations.main, function* (ctx: Vmctx) {",
  "  yield* loop(ctx);",
  "});",
  "",
  "export function helper<T>(a: T): T {",
  "  return other<T>(a);",
  "}",
  "",
  "const short = station(S.short, (a: A): number => one(a));",
  "const wrapped = station(S.wrapped, (a: A): number =>",
  "  two(a),",
  ");",
  "class Device {",
  "  *#run(): void {",
  "    inside();",
  "  }",
  "}",
].join("\n");

test("functions, stations and calls are read from formatted TypeScript", () => {
  const { files, stations } = scanModel([
    { path: "src/model/a.ts", text: source },
    { path: "src/model/b.ts", text: "" },
  ]);
  assert.deepEqual(stations.vq_endchains, [{ path: "src/model/a.ts", name: "vqEndchains" }]);
  assert.deepEqual(Object.keys(stations).sort(), ["main", "short", "vcpu_thread", "vq_endchains", "wrapped"]);
  assert.deepEqual(
    files.flatMap(({ functions }) =>
      functions.map(({ name, start, end, calls }) => [
        `${name} ${start}-${end}`,
        ...calls.map((call) => `${call.name}:${call.line}:${call.column}`),
      ]),
    ),
    [
      ["vqEndchains 4-11", "done:8:9", "vqInterrupt:8:19", "notify:9:15"],
      ["start 13-15", "loop:14:10"],
      ["helper 17-19", "other:18:10"],
      ["short 21-21", "one:21:50"],
      ["wrapped 22-24", "two:23:3"],
      ["run 26-28", "inside:27:5"],
    ],
  );
});

test("the index is taken as built, made again when it is damaged, and there is none without the files", () => {
  const root = writeFiles({ "src/model/a.ts": source });
  const index = join(temporaryFolder(), "model-sources.json");
  const load = (...roots: string[]) =>
    loadModelSources({ index: pathToFileURL(index), roots: roots.map((path) => pathToFileURL(`${path}/`)) }, []);
  const has = (name: string) => (load("/nowhere", root)?.index.corpus.named(name).length ?? 0) > 0;
  assert.equal(load("/nowhere"), undefined);
  assert.ok(has("vqEndchains"));
  for (const damaged of ["{", "null", '{"version":0,"files":[]}', '{"version":1,"files":1}']) {
    writeFileSync(index, damaged);
    assert.ok(has("vqEndchains"), damaged);
  }
  writeFileSync(index, JSON.stringify(scanModel([{ path: "src/model/a.ts", text: "export function built() {\n}\n" }])));
  assert.ok(has("built"));
  assert.ok(!has("vqEndchains"));
});
