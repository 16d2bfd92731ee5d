import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Session } from "../src/model/debug/testing/session.ts";
import { builtInStations } from "../src/model/stations.ts";
import { SourceMap } from "../src/sources/sources.ts";
import type { Measurement } from "./measurement.ts";
import { comparison, type Result, single } from "./report.ts";
import { FULL, FUNCTION, kickingGuest, SHORT, type StepFigures, steps } from "./steps.ts";
import { within } from "./within.ts";

const CONDITION = "queue == 1 && last_avail > 100000 && slot[0].processed == PENDING";
const HITS = 10_000;
const SHORT_HITS = 500;
/** The fastest counts; the first ones warm up. */
const TURNS = 6;
const INDEX_PATIENCE_MS = 120_000;
const OTHER = "minimal adapter";

/** The debug adapter: how soon a step is done, what a breakpoint that does not hold costs, how long an index takes. */
export class Debug implements Measurement {
  readonly #programs: string;
  readonly #root: string;
  readonly #acrn: string | undefined;
  readonly #ours: StepFigures[] = [];
  readonly #floor: StepFigures[] = [];
  readonly #conditions: number[] = [];
  readonly #indexing: number[] = [];

  readonly #short: boolean;

  /** `root`: where the built product is. `acrn`: a checkout of acrn-hypervisor. */
  constructor(programs: string, root: string, acrn: string | undefined, short: boolean) {
    this.#short = short;
    this.#programs = programs;
    this.#root = root;
    this.#acrn = acrn;
  }

  async round(number: number): Promise<void> {
    const counts = this.#short ? SHORT : FULL;
    const sides = [
      async () =>
        void this.#ours.push(await steps([join(this.#root, "bin/acrn-virtio.mjs"), "dap"], kickingGuest(), counts)),
      async () => void this.#floor.push(await steps([join(this.#programs, "minimal-adapter.js")], {}, counts)),
    ];
    if (number % 2 === 1) sides.reverse();
    for (const side of sides) await side();
    this.#conditions.push(costOfCondition(this.#short ? SHORT_HITS : HITS));
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
    await within(INDEX_PATIENCE_MS, "the index of the checkout", map.ready);
    const seconds = (performance.now() - start) / 1000;
    await map.dispose();
    return seconds;
  }

  result(): Result {
    const compare = (what: string, pick: (figures: StepFigures) => number, aim?: string) =>
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

/** Microseconds a hit, in the machine's own thread: the same kicks with and without the breakpoint. */
function costOfCondition(hits: number): number {
  const session = new Session().probe();
  const kicks = (): number => {
    const start = performance.now();
    for (let i = 0; i < hits; i++) session.send("x");
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
  return ((Math.min(...armed) - Math.min(...without)) * 1000) / hits;
}
