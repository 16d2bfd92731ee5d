/**
 * The sources of the stations: the user's checkouts of acrn-hypervisor, Linux and acrn-kernel, and the model's own
 * TypeScript. Lines and columns count from 1.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { handOverNames, type Leaving } from "./hand-overs.ts";
import { Indexer } from "./indexer.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { matchStation, noteOf } from "./match.ts";
import { loadModelSources, type ModelFiles, type ModelSources } from "./model-sources.ts";
import type { WasmFiles } from "./parse.ts";
import type { WorkerAnswer } from "./protocol.ts";
import { type IndexReport, reportOf, type TreeReport } from "./report.ts";
import { StationIndex } from "./station-index.ts";
import { chooseTrees, describe, missingReason, pathInside, type TreeState, treesFor } from "./trees.ts";
import type {
  BreakpointPlace,
  CallSite,
  IndexProgress,
  Location,
  Missing,
  PlaceAt,
  StationRef,
  Tree,
} from "./types.ts";
import { kindOf, wantedIn } from "./wanted.ts";

export { SourcesError } from "./detect.ts";
export * from "./types.ts";

/** Files that lie beside the bundle. */
export interface SourceFiles {
  readonly worker: URL;
  readonly wasm: WasmFiles;
  readonly model: ModelFiles;
}

export interface SourceMapOptions {
  /** `sources.acrn` and `sources.linux` of the configuration; they replace what the workspace has of that kind. */
  readonly acrn?: string;
  readonly linux?: string | readonly string[];
  readonly workspaceFolders: readonly string[];
  /** Where indexes are kept between two runs; without it they are not. */
  readonly cacheFolder?: string;
  /** Which source frames get where both are there. Breakpoints work in both. */
  readonly prefer: "checkout" | "model";
  readonly onProgress?: (progress: IndexProgress) => void;
  /** Aborting ends the indexing; what has been indexed stays. */
  readonly signal?: AbortSignal;
  /** For tests, and for hosts with another layout of files. */
  readonly stations: readonly StationRef[];
  readonly limits?: Partial<Limits>;
  readonly files?: Partial<SourceFiles>;
  /** The model's own sources, where several maps of the same stations share them; else they are read for this one. */
  readonly model?: (() => ModelSources | undefined) | undefined;
}

/** One searchable source: a checkout, or the model. */
interface Source {
  readonly origin: Location["origin"];
  readonly root: string;
  readonly index: StationIndex;
}

const beside = (name: string): URL => new URL(name, import.meta.url);
/** In dist/: the sources themselves are in the project during development, and in dist/model-sources in a package. */
const defaultFiles = (): SourceFiles => ({
  worker: beside("./source-indexer.js"),
  wasm: {
    runtime: fileURLToPath(beside("./web-tree-sitter.wasm")),
    grammar: fileURLToPath(beside("./tree-sitter-c.wasm")),
  },
  model: { index: beside("./model-sources.json"), roots: [beside("../"), beside("./model-sources/")] },
});

/** Reads the model's own sources when somebody asks for the first time. */
export function sharedModelSources(stations: readonly StationRef[]): () => ModelSources | undefined {
  let read: { readonly sources: ModelSources | undefined } | undefined;
  return () => {
    read ??= { sources: loadModelSources(defaultFiles().model, stations) };
    return read.sources;
  };
}

/** Maps stations to lines of source and back. Answers at once with what is known; {@link ready} tells when all is. */
export class SourceMap {
  /** Checkouts found in the workspace that are not used, because another one is. */
  readonly ignored: readonly Tree[];
  /** Resolves when every tree is indexed, has failed, or indexing was cancelled; never rejects. */
  readonly ready: Promise<IndexReport>;
  readonly #options: SourceMapOptions;
  readonly #stations: readonly StationRef[];
  readonly #states: readonly TreeState[];
  readonly #model: Source | undefined;
  readonly #indexer: Indexer;

  /** Looks for the checkouts and begins to index them. Rejects with a SourcesError for one that is named and is none. */
  static async create(options: SourceMapOptions): Promise<SourceMap> {
    const { used, ignored } = await chooseTrees(options, options.workspaceFolders);
    return new SourceMap(options, used, ignored);
  }

  private constructor(options: SourceMapOptions, used: readonly Tree[], ignored: readonly Tree[]) {
    const files = { ...defaultFiles(), ...options.files };
    this.#options = options;
    this.#stations = options.stations;
    this.#states = used.map((tree) => ({ tree }));
    this.ignored = ignored;
    const model = options.model === undefined ? loadModelSources(files.model, this.#stations) : options.model();
    this.#model = model === undefined ? undefined : { ...model, origin: "model" };
    const limits = { ...defaultLimits, ...options.limits };
    const setup = { wasm: files.wasm, limits, cacheFolder: options.cacheFolder };
    this.#indexer = new Indexer(files.worker, setup, options.onProgress ?? (() => {}));
    const cancel = () => void this.#indexer.stop("indexing was cancelled");
    options.signal?.addEventListener("abort", cancel, { once: true });
    if (options.signal?.aborted) cancel();
    this.ready = this.#indexAll();
  }

  /** The checkouts in use. */
  get trees(): readonly Tree[] {
    return this.#states.map(({ tree }) => tree);
  }

  /** Where a station is. */
  resolve(station: StationRef): Location | Missing {
    for (const { origin, root, index } of this.#sourcesOf(station)) {
      const match = index.match(station);
      if (match === undefined) continue;
      const { file, def } = match.found;
      const note = noteOf(match, station);
      return {
        kind: "found",
        origin,
        path: join(root, file.path),
        line: def.line,
        column: def.column,
        functionRange: { start: def.start, end: def.end },
        name: def.name,
        match: match.how,
        ...(note === undefined || origin === "model" ? {} : { note }),
      };
    }
    return this.#missing(station);
  }

  /** The line of `caller` that calls `callee`, directly, through a pointer, or through functions that are no stations. */
  callSite(caller: StationRef, callee: StationRef | readonly string[]): CallSite | Missing {
    for (const source of this.#sourcesOf(caller)) {
      const match = source.index.match(caller);
      if (match === undefined) continue;
      const site = source.index.callSite(caller, match, callee);
      if (site === undefined) {
        const { file, def } = match.found;
        const what = "id" in callee ? callee.id : callee.join(" or ");
        return {
          kind: "missing",
          reason: `no call in ${def.name} (${file.path}:${def.line}) is known to lead to ${what}`,
        };
      }
      const { call, through, isPointer, others, from } = site;
      return {
        kind: "found",
        origin: source.origin,
        path: join(source.root, from.file.path),
        line: call.line,
        column: call.column,
        through,
        ...(isPointer ? { pointer: call.name } : {}),
        others,
      };
    }
    return this.#missing(caller);
  }

  /**
   * The line where a station hands over to another context, or sleeps; `towards` is the station on the other side, if known.
   */
  handOverSite(station: StationRef, how: Leaving, towards?: StationRef): CallSite | Missing {
    let site = this.#missing(station) as CallSite | Missing;
    for (const names of handOverNames(how, towards?.id)) {
      site = this.callSite(station, names);
      if (site.kind === "found") return site;
    }
    return site;
  }

  /**
   * What a line means: the call or function of the chain that is there, or the next function of the chain below it
   * in the file (`moved`), or why there is none.
   */
  stationAt(path: string, line: number): PlaceAt | Missing {
    const at = this.#sourceAt(path);
    if ("kind" in at) return at;
    const found = at.source.index.placeAt(at.inside, line);
    if (found === undefined) return { kind: "missing", reason: noStation(at.source.index, at.inside, line) };
    const { place, here } = found;
    const functionRange = { start: here.def.start, end: here.def.end };
    return { kind: "found", origin: at.source.origin, path, ...place, functionRange, moved: place.line !== line };
  }

  /** Every place for a breakpoint between two lines of a file, both included; none in a file that is not mapped. */
  breakpointLocations(path: string, startLine: number, endLine = startLine): BreakpointPlace[] {
    const at = this.#sourceAt(path);
    return "kind" in at ? [] : at.source.index.placesIn(at.inside, startLine, endLine);
  }

  /** Whether the model, like the sources, calls `callee` in `caller` itself. */
  isCalledBy(callee: StationRef, caller: StationRef): boolean {
    return this.#model?.index.isAdjacent(caller, callee) ?? false;
  }

  /** The stations whose functions are in a file, in the order of their lines. */
  stationsIn(path: string): BreakpointPlace[] {
    return this.breakpointLocations(path, 1, Number.POSITIVE_INFINITY).filter(({ callees }) => callees.length === 0);
  }

  /** Reads a file again after it was saved. True when it is in a checkout in use. */
  async refresh(path: string): Promise<boolean> {
    const state = this.#states.find(({ tree }) => pathInside(tree.root, path) !== undefined);
    if (state === undefined) return false;
    const { root } = state.tree;
    await this.ready;
    try {
      const request = { kind: "refresh", root, path: pathInside(root, path) as string } as const;
      this.#take(state, await this.#indexer.request(request));
    } catch {
      // The thread may have died since: a new one begins with the whole tree, from the cache.
      await this.#index(state);
    }
    return true;
  }

  /**
   * Searches the Linux checkouts for functions of the guest's kernel that are no stations; afterwards `resolve`
   * knows those that were found.
   */
  async find(names: readonly string[]): Promise<void> {
    await this.ready;
    for (const state of this.#states.filter(({ tree }) => tree.kind === "linux")) {
      const unknown = names.filter((name) => state.index !== undefined && state.index.corpus.named(name).length === 0);
      if (unknown.length === 0) continue;
      try {
        this.#take(state, await this.#indexer.request({ kind: "search", root: state.tree.root, names: unknown }));
      } catch {
        // Frames without a source stay without one.
      }
    }
  }

  /** Ends the indexing thread. What is indexed stays usable. */
  async dispose(): Promise<void> {
    await this.#indexer.stop("the source map was closed");
  }

  async #indexAll(): Promise<IndexReport> {
    const trees: TreeReport[] = [];
    for (const state of this.#states) trees.push(await this.#index(state));
    return { trees, cancelled: this.#options.signal?.aborted ?? false };
  }

  async #index(state: TreeState): Promise<TreeReport> {
    const begun = performance.now();
    const wanted = wantedIn(state.tree, this.#stations);
    try {
      const answer = await this.#indexer.persist({ kind: "index", tree: state.tree, wanted });
      this.#take(state, answer);
      return reportOf(state, this.#stations, performance.now() - begun, answer);
    } catch (error) {
      state.failure = (error as Error).message;
      return reportOf(state, this.#stations, performance.now() - begun);
    }
  }

  #take(state: TreeState, { index }: WorkerAnswer): void {
    const stations = this.#stations.filter((station) => kindOf(station) === state.tree.kind);
    state.index = new StationIndex(index.files, stations, matchStation);
    state.skipped = index.skipped;
    state.failure = undefined;
  }

  /** Where to look for a station, in the order that is preferred. */
  #sourcesOf(station: StationRef): Source[] {
    const checkouts = treesFor(station, this.#states).flatMap(({ tree, index }): Source[] =>
      index === undefined ? [] : [{ origin: "checkout", root: tree.root, index }],
    );
    const model = this.#model === undefined ? [] : [this.#model];
    return this.#options.prefer === "model" ? [...model, ...checkouts] : [...checkouts, ...model];
  }

  #missing(station: StationRef): Missing {
    const states = treesFor(station, this.#states);
    const isPending = states.some(({ index, failure }) => index === undefined && failure === undefined);
    const reason = missingReason(station, states);
    return { kind: "missing", reason, ...(isPending ? { pending: true } : {}) };
  }

  #sourceAt(path: string): { readonly source: Source; readonly inside: string } | Missing {
    for (const { tree, index, failure } of this.#states) {
      const inside = pathInside(tree.root, path);
      if (inside === undefined) continue;
      if (index !== undefined) return { source: { origin: "checkout", root: tree.root, index }, inside };
      if (failure !== undefined) return { kind: "missing", reason: `${tree.root} is not indexed: ${failure}` };
      return { kind: "missing", reason: `${tree.root} is still being indexed`, pending: true };
    }
    const inModel = this.#model === undefined ? undefined : pathInside(this.#model.root, path);
    if (this.#model !== undefined && inModel?.startsWith("src/model/")) return { source: this.#model, inside: inModel };
    const other = this.ignored.find((tree) => pathInside(tree.root, path) !== undefined);
    if (other === undefined) {
      return { kind: "missing", reason: `${path} is in no acrn-hypervisor or Linux checkout, and not in the model` };
    }
    const used = this.trees.find(({ kind }) => kind === other.kind);
    const reason = `${path} is in ${describe(other)}, but ${used?.root} is used; sources.${other.kind} chooses`;
    return { kind: "missing", reason };
  }
}

function noStation(index: StationIndex, path: string, line: number): string {
  const last = index.stationsIn(path).at(-1);
  if (last === undefined) return `no function of the notify chain is in ${path}`;
  return `no function of the notify chain is at line ${line} of ${path} or below; the last is ${last.station.id} at line ${last.def.line}`;
}
