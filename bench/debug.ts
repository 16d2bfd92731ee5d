import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Session } from "../src/model/debug/testing/session.ts";
import { builtInStations } from "../src/model/stations.ts";
import { SourceMap } from "../src/sources/sources.ts";
import { BenchClient } from "./dap-client.ts";
import type { Measurement } from "./measurement.ts";
import { comparison, type Result, single } from "./report.ts";
import { quantile } from "./stats.ts";

/** Stops at the function of a kick, after some to warm up. */
const KICKS = 120;
const WARM_UP = 20;
/** Steps from each; all before the guest goes on, whose time would count otherwise. */
const STEPS = 2;
const FUNCTION = "virtio_console_notify_tx";
const CONDITION = "queue == 1 && last_avail > 100000 && slot[0].processed == PENDING";
const HITS = 10_000;
/** The fastest counts; the first ones warm up. */
const TURNS = 6;
const OTHER = "minimal adapter";

/** Milliseconds of each step. */
interface Steps {
  readonly bare: number[];
  /** With stackTrace, scopes and variables. */
  readonly looking: number[];
}

interface Figures {
  readonly bare: readonly [p50: number, p95: number];
  readonly looking: readonly [p50: number, p95: number];
}

/** The debug adapter: how soon a step is done, what a breakpoint that does not hold costs, how long an index takes. */
export class Debug implements Measurement {
  readonly #programs: string;
  readonly #root: string;
  readonly #acrn: string | undefined;
  readonly #ours: Figures[] = [];
  readonly #floor: Figures[] = [];
  readonly #conditions: number[] = [];
  readonly #indexing: number[] = [];

  /** `root`: where the built product is. `acrn`: a checkout of acrn-hypervisor. */
  constructor(programs: string, root: string, acrn: string | undefined) {
    this.#programs = programs;
    this.#root = root;
    this.#acrn = acrn;
  }

  async round(number: number): Promise<void> {
    const sides = [
      async () => void this.#ours.push(await steps([join(this.#root, "bin/acrn-virtio.mjs"), "dap"])),
      async () => void this.#floor.push(await steps([join(this.#programs, "minimal-adapter.js")])),
    ];
    if (number % 2 === 1) sides.reverse();
    for (const side of sides) await side();
    this.#conditions.push(costOfCondition());
    if (this.#acrn !== undefined) this.#indexing.push(await this.#index(this.#acrn));
  }

  /** Seconds to index a checkout from nothing. */
  async #index(acrn: string): Promise<number> {
    const file = (name: string): URL => pathToFileURL(join(this.#root, "dist", name));
    const wasm = {
      runtime: join(this.#root, "dist/web-tree-sitter.wasm"),
      grammar: join(this.#root, "dist/tree-sitter-c.wasm"),
    };
    const start = performance.now();
    const map = await SourceMap.create({
      acrn,
      stations: builtInStations.all,
      workspaceFolders: [],
      prefer: "checkout",
      files: {
        worker: file("source-indexer.js"),
        wasm,
        model: { index: file("model-sources.json"), roots: [pathToFileURL(`${this.#root}/`)] },
      },
    });
    await map.ready;
    const seconds = (performance.now() - start) / 1000;
    await map.dispose();
    return seconds;
  }

  result(): Result {
    const compare = (what: string, pick: (figures: Figures) => number, aim?: string) =>
      comparison(what, "ms", this.#ours.map(pick), { name: OTHER, samples: this.#floor.map(pick) }, aim);
    const rows = [
      compare("next to stopped, p50", ({ bare }) => bare[0]),
      compare("next to stopped, p95", ({ bare }) => bare[1], "at most 5, under 10 ms"),
      compare("with stack, scopes, variables, p50", ({ looking }) => looking[0]),
      compare("with stack, scopes, variables, p95", ({ looking }) => looking[1], "at most 5, under 10 ms"),
      single("breakpoint whose condition is false", "us a hit", this.#conditions, "under 50"),
    ];
    if (this.#acrn === undefined) {
      return { rows, skipped: [{ what: "index of a checkout", why: "give one of acrn-hypervisor with --acrn DIR" }] };
    }
    return { rows: [...rows, single("index of a checkout", "s", this.#indexing, "under 10")], skipped: [] };
  }
}

async function steps(program: readonly string[]): Promise<Figures> {
  const client = new BenchClient(program);
  const measured: Steps = { bare: [], looking: [] };
  try {
    await client.request("initialize", { adapterID: "acrn", linesStartAt1: true, pathFormat: "path" });
    const launched = client.request("launch", { console: "none", sources: { prefer: "model" } });
    await Promise.all([launched, client.event("initialized")]);
    await client.request("setFunctionBreakpoints", { breakpoints: [{ name: FUNCTION }] });
    await client.request("configurationDone");
    for (let kick = 0; kick < KICKS; kick++) {
      let { threadId } = await client.event("stopped");
      for (let step = 0; step < STEPS; step++) {
        const start = performance.now();
        await client.request("next", { threadId });
        ({ threadId } = await client.event("stopped"));
        // In turns, so that what disturbs one disturbs the other.
        if (kick % 2 === 1) await look(client, threadId);
        if (kick >= WARM_UP) (kick % 2 === 1 ? measured.looking : measured.bare).push(performance.now() - start);
      }
      await client.request("continue", { threadId });
    }
  } finally {
    await client.end();
  }
  const figures = (samples: number[]): [number, number] => [quantile(samples, 0.5), quantile(samples, 0.95)];
  return { bare: figures(measured.bare), looking: figures(measured.looking) };
}

async function look(client: BenchClient, threadId: number): Promise<void> {
  const { stackFrames } = await client.request("stackTrace", { threadId });
  const { scopes } = await client.request("scopes", { frameId: stackFrames[0].id });
  await client.request("variables", { variablesReference: scopes[0].variablesReference });
}

/** Microseconds a hit, in the machine's own thread: the same kicks with and without the breakpoint. */
function costOfCondition(): number {
  const session = new Session().probe();
  const kicks = (): number => {
    const start = performance.now();
    for (let i = 0; i < HITS; i++) session.send("x");
    return performance.now() - start;
  };
  const breakpoint = { id: 1, stations: [FUNCTION], condition: CONDITION };
  const without: number[] = [];
  const armed: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    session.arm({});
    without.push(kicks());
    session.arm({ breakpoints: [breakpoint] });
    armed.push(kicks());
  }
  // What disturbs only ever adds.
  return ((Math.min(...armed) - Math.min(...without)) * 1000) / HITS;
}
