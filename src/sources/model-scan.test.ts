import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { builtInStations } from "../model/stations.ts";
import { MODEL_INDEX_VERSION, type ModelIndex } from "./model-index.ts";
import { loadModelSources } from "./model-sources.ts";
import { ROOT, temporaryFolder } from "./testing/files.ts";
import { writeFiles } from "./testing/trees.ts";

type Scan = Pick<ModelIndex, "files" | "stations">;
const load = (name: string) => import(pathToFileURL(join(ROOT, "scripts", "lib", name)).href);
const { readModel }: { readModel(): Scan } = await load("model-sources.mjs");
const { scanModel }: { scanModel(sources: readonly Source[]): Scan } = await load("model-scan.mjs");

interface Source {
  readonly path: string;
  readonly text: string;
}

/** Named by the registry for completeness; no device of this machine has them. */
const NAMED_ONLY = ["virtio_notify_cfg_write", "virtio_pci_modern_pio_write", "virtio_poll_timer"];

test("every station outside of the guest has its place in the model, but for those that are only named", () => {
  const { stations, files } = readModel();
  const expected = builtInStations.all.filter(({ layer }) => layer !== "guest");
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

/** What makes stations, as the scan knows it. */
const MAKERS: Source = {
  path: "src/model/chain/announce.ts",
  text: [
    "export function station<A>(info: Station, fn: (a: A) => void): (a: A) => void {",
    "  return fn;",
    "}",
    "export function stationThread<A>(info: Station, fn: (a: A) => Loop): (a: A) => Loop {",
    "  return fn;",
    "}",
    "export function valuesOf(frame: Frame): number[] {",
    "  return [];",
    "}",
  ].join("\n"),
};

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
  "export function helper<T>(",
  "  a: T,",
  "): T {",
  "  return other<Map<T, T>>(a);",
  "}",
  "",
  "const short = station(S.short, (a: A): number => one(a));",
  "const wrapped: Fn<A> =",
  "  station(S.wrapped, (a: A): number =>",
  "    two(a),",
  "  );",
  "class Device {",
  "  *#run(): void {",
  "    inside();",
  "  }",
  "  readonly stop = station(S.stop, () => left());",
  "  [Symbol.iterator]() {}",
  "}",
  "const ops: Ops = {",
  "  reset() {",
  "    again();",
  "  },",
  "  size: 4,",
  "};",
].join("\n");

test("functions, stations and calls are read from TypeScript, however it is written", () => {
  const { files, stations } = scanModel([
    MAKERS,
    { path: "src/model/a.ts", text: source },
    { path: "src/model/b.ts", text: "" },
  ]);
  assert.deepEqual(stations.vq_endchains, [{ path: "src/model/a.ts", name: "vqEndchains" }]);
  assert.deepEqual(Object.keys(stations).sort(), ["main", "short", "stop", "vcpu_thread", "vq_endchains", "wrapped"]);
  assert.deepEqual(
    files
      .filter(({ path }) => path === "src/model/a.ts")
      .flatMap(({ functions }) =>
        functions.map(({ name, start, end, calls }) => [
          `${name} ${start}-${end}`,
          ...calls.map((call) => `${call.name}:${call.line}:${call.column}`),
        ]),
      ),
    [
      ["vqEndchains 4-11", "done:8:9", "vqInterrupt:8:19", "notify:9:15"],
      ["start 13-15", "loop:14:10"],
      ["helper 17-21", "other:20:10"],
      ["short 23-23", "one:23:50"],
      ["wrapped 24-27", "two:26:5"],
      ["run 29-31", "inside:30:5"],
      ["stop 32-32", "left:32:41"],
      ["reset 36-38", "again:37:5"],
    ],
  );
});

test("a station that could not be found again fails with its place, as does what is no TypeScript", () => {
  for (const [text, expected] of [
    [
      "\nuse(station(S.lost, () => 1));",
      /^src\/model\/a\.ts:2: station\(\.\.\.\) makes a station that cannot be found/,
    ],
    ["const a = make(station(S.lost, () => 1));", /a\.ts:1: .*expected: const name = station\(stations\./],
    ["const a = station(info, () => 1);", /a\.ts:1: /],
    ["\n\nconst = 4;", /^src\/model\/a\.ts:3: Variable declaration expected/],
  ] as const) {
    assert.throws(() => scanModel([MAKERS, { path: "src/model/a.ts", text }]), { message: expected }, text);
  }
});

test("the index is taken as built; where it or the files are missing or damaged there are no model sources", () => {
  const root = writeFiles({ "src/model/a.ts": source });
  const index = join(temporaryFolder(), "model-sources.json");
  const load = (...roots: string[]) =>
    loadModelSources({ index: pathToFileURL(index), roots: roots.map((path) => pathToFileURL(`${path}/`)) }, []);
  assert.equal(load(root), undefined);
  for (const damaged of ["{", "null", '{"version":0,"files":[]}', '{"version":1,"files":1}']) {
    writeFileSync(index, damaged);
    assert.equal(load(root), undefined, damaged);
  }
  const scan = scanModel([MAKERS, { path: "src/model/a.ts", text: source }]);
  writeFileSync(index, JSON.stringify({ version: MODEL_INDEX_VERSION, ...scan }));
  assert.equal(load("/nowhere"), undefined);
  assert.equal(load("/nowhere", root)?.index.corpus.named("vqEndchains").length, 1);
});
