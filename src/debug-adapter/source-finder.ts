import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { StationRegistry } from "../model/chain/station-registry.ts";
import type { FrameRecord, FunctionFrame } from "../model/protocol/debug.ts";
import { builtInStations } from "../model/stations.ts";
import { messageOf } from "../shared/message-of.ts";
import type { Leaving } from "../sources/hand-overs.ts";
import {
  type CallSite,
  type Location,
  type Missing,
  SourceMap,
  type StationRef,
  sharedModelSources,
} from "../sources/sources.ts";
import { awaitBriefly } from "./await-briefly.ts";
import type { DebugOptions } from "./launch-arguments.ts";
import { RequestError } from "./request-error.ts";
import type { Client } from "./requests.ts";
import type { Surroundings } from "./surroundings.ts";

/** A place as the protocol writes it. */
export interface Place {
  readonly source?: DebugProtocol.Source;
  readonly line: number;
  readonly column: number;
}

type SourceSurroundings = Pick<Surroundings, "cacheFolder" | "modelSources">;

/** How a frame without an inner one has left its context, and towards which station. */
export interface Departure {
  readonly how: Leaving;
  readonly towards: string | undefined;
}

/** Gives every session the same index: it takes two megabytes, and is never changed. */
export type SharedModelSources = ReturnType<typeof sharedModelSources>;
export const newModelSources = (): SharedModelSources => sharedModelSources(builtInStations.all);

/** How long a stack may wait for the search through a checkout; it is shown anew when the search has found something. */
const SEARCH_MS = 150;

export const NOWHERE: Place = { line: 0, column: 0 };

/** Where stations and frames are in the sources, in the words of one client: its line numbers, its kind of paths. */
export class SourceFinder {
  readonly map: SourceMap;
  readonly stations: StationRegistry = builtInStations;
  readonly #client: Client;
  /** Guest functions that have been searched for. */
  readonly #searched = new Set<string>();
  /** Stations that are shown as a generated page, in the order of their references, which count from 1. */
  readonly #pages: string[] = [];

  private constructor(map: SourceMap, client: Client) {
    this.map = map;
    this.#client = client;
  }

  /** Throws RequestError for a checkout that is named and is none. */
  static async create(options: DebugOptions, client: Client, surroundings: SourceSurroundings): Promise<SourceFinder> {
    const { acrn, linux, prefer } = options.sources;
    try {
      const map = await SourceMap.create({
        stations: builtInStations.all,
        acrn,
        linux,
        prefer: prefer ?? "checkout",
        workspaceFolders: options.workspace,
        cacheFolder: surroundings.cacheFolder,
        model: surroundings.modelSources,
      });
      return new SourceFinder(map, client);
    } catch (error) {
      throw new RequestError(messageOf(error), { showUser: true });
    }
  }

  async dispose(): Promise<void> {
    await this.map.dispose();
  }

  /**
   * Looks once for guest functions of a stack that are no stations, if there is a Linux checkout. While that is being
   * indexed, and where a search takes long, it goes on in the background; `later` is then called at its end.
   */
  async prepare(frames: readonly FrameRecord[], later: () => void): Promise<void> {
    if (!this.map.trees.some(({ kind }) => kind === "linux")) return;
    const names = frames.flatMap((frame) =>
      frame.kind === "function" && frame.station === undefined ? frame.name : [],
    );
    const unknown = [...new Set(names)].filter((name) => !this.#searched.has(name));
    if (unknown.length === 0) return;
    for (const name of unknown) this.#searched.add(name);
    await awaitBriefly(this.map.find(unknown), SEARCH_MS, later);
  }

  /** The line where a frame stands: the call of the next inner function, or the function itself. */
  placeOfFrame(frame: FunctionFrame, leaves: Departure | undefined): Place {
    const station = this.#reference(frame);
    if (frame.callee !== undefined) {
      const callee = this.stations.get(frame.callee) ?? [frame.callee];
      const site = this.map.callSite(station, callee);
      if (site.kind === "found") return this.#place(site);
    } else if (leaves !== undefined) {
      const site = this.map.handOverSite(station, leaves.how, this.stations.get(leaves.towards ?? ""));
      if (site.kind === "found") return this.#place(site);
    }
    return this.#placeOfStation(station);
  }

  /** Where a station begins; nothing when it is nowhere. */
  placeOf(id: string): Partial<Place> {
    const station = this.stations.get(id);
    const place = station === undefined ? NOWHERE : this.#placeOfStation(station);
    return place.source === undefined ? {} : place;
  }

  placeOfLine(path: string, line: number): Place {
    const source = { name: basename(path), path: this.clientPath(path) };
    return { source, line: this.toClient.line(line), column: this.toClient.column(1) };
  }

  /** Every file with a station in it. */
  files(): DebugProtocol.Source[] {
    const paths = new Map<string, Location>();
    for (const station of this.stations.all) {
      const at = this.map.resolve(station);
      if (at.kind === "found") paths.set(at.path, at);
    }
    return [...paths.values()].map((at) => this.sourceOf(at.path, at.origin));
  }

  sourceOf(path: string, origin: Location["origin"]): DebugProtocol.Source {
    return {
      name: basename(path),
      path: this.clientPath(path),
      origin: origin === "model" ? "the model's own source" : "checkout",
    };
  }

  clientPath(path: string): string {
    return this.#client.pathsAreUris ? pathToFileURL(path).href : path;
  }

  /** The path a client means. */
  pathOf(source: { readonly path?: string | undefined }): string {
    if (!source.path) throw new RequestError("source.path: expected the path of a file");
    if (!source.path.startsWith("file:")) return source.path;
    try {
      return fileURLToPath(source.path);
    } catch (error) {
      throw new RequestError(`source.path ${source.path}: ${messageOf(error)}`);
    }
  }

  /** From and to the line and column numbers of the client. */
  readonly fromClient = {
    line: (line: number): number => (this.#client.linesStartAt1 ? line : line + 1),
  };
  readonly toClient = {
    line: (line: number): number => (this.#client.linesStartAt1 ? line : line - 1),
    column: (column: number): number => (this.#client.columnsStartAt1 ? column : column - 1),
  };

  /** The generated page of a reference. */
  page(reference: number): string {
    const station = this.stations.get(this.#pages[reference - 1] ?? "");
    if (station === undefined) throw new RequestError(`source: there is no source of reference ${reference}`);
    const missing = this.map.resolve(station);
    return [
      `/* ${station.repository}: ${station.file} */`,
      "",
      `/* ${station.about}. */`,
      `${station.id}(...)`,
      "",
      ...(missing.kind === "missing" ? [`/* The source is not here: ${missing.reason}. */`] : []),
      "",
    ].join("\n");
  }

  #placeOfStation(station: StationRef): Place {
    const at: Location | Missing = this.map.resolve(station);
    if (at.kind === "found") return this.#place(at);
    const known = this.stations.get(station.id);
    if (known === undefined) return NOWHERE;
    let reference = this.#pages.indexOf(known.id) + 1;
    if (reference === 0) reference = this.#pages.push(known.id);
    const name = `${known.id} (${basename(known.file)})`;
    // The function's name is in the page's fourth line.
    return {
      // Not "deemphasize": VS Code would fold away the very functions the chain begins with.
      source: { name, sourceReference: reference, origin: at.reason },
      line: this.toClient.line(4),
      column: this.toClient.column(1),
    };
  }

  #place(at: Location | CallSite): Place {
    const { path, origin, line, column } = at;
    return {
      source: this.sourceOf(path, origin),
      line: this.toClient.line(line),
      column: this.toClient.column(column),
    };
  }

  #reference(frame: FunctionFrame): StationRef {
    const known = frame.station === undefined ? undefined : this.stations.get(frame.station);
    return known ?? { id: frame.name, layer: frame.layer, repository: "torvalds/linux", file: "", aliases: [] };
  }
}
