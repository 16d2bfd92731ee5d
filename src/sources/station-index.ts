import { type FoundSite, findCallSite, type Target } from "./call-site.ts";
import { Corpus, type Found } from "./corpus.ts";
import { pointerReaches } from "./indirect-calls.ts";
import { type Match, namesOf } from "./match.ts";
import type { BreakpointPlace, Call, FileIndex, FunctionDef, StationRef } from "./types.ts";

/** A station's function in a file. */
export interface StationHere {
  readonly station: StationRef;
  readonly def: FunctionDef;
}

export interface SiteIn extends FoundSite {
  readonly from: Found;
}

export type Matcher = (corpus: Corpus, station: StationRef) => Match | undefined;

/** The stations of one tree, or of the model: where they are, and what they call. Paths are inside the tree. */
export class StationIndex {
  readonly corpus: Corpus;
  readonly #match: Matcher;
  readonly #matches = new Map<string, Match | undefined>();
  readonly #sites = new Map<string, SiteIn | undefined>();
  readonly #byFile = new Map<string, StationHere[]>();
  readonly #stationNames = new Set<string>();
  readonly #byName = new Map<string, StationRef[]>();

  /** `stations` are those that can be here. */
  constructor(files: readonly FileIndex[], stations: readonly StationRef[], match: Matcher) {
    this.corpus = new Corpus(files);
    this.#match = match;
    for (const station of stations) {
      const match = this.match(station);
      const names = match === undefined ? namesOf(station) : [...namesOf(station), match.found.def.name];
      for (const name of names) this.#stationNames.add(name);
      for (const found of match === undefined ? [] : [match.found, ...match.others]) this.#add(station, found);
    }
    for (const here of this.#byFile.values()) here.sort((a, b) => a.def.line - b.def.line);
  }

  #add(station: StationRef, { file, def }: Found): void {
    const here = this.#byFile.get(file.path) ?? [];
    here.push({ station, def });
    this.#byFile.set(file.path, here);
    const same = this.#byName.get(def.name) ?? [];
    if (!same.includes(station)) same.push(station);
    this.#byName.set(def.name, same);
  }

  match(station: StationRef): Match | undefined {
    const key = `${station.layer} ${station.id}`;
    if (!this.#matches.has(key)) this.#matches.set(key, this.#match(this.corpus, station));
    return this.#matches.get(key);
  }

  /** Where `caller`, as matched here, calls a station or one of some functions, and the definition the call is in. */
  callSite(caller: StationRef, match: Match, callee: StationRef | readonly string[]): SiteIn | undefined {
    const to = "id" in callee ? `${callee.layer} ${callee.id}` : callee.join(" ");
    const key = `${caller.layer} ${caller.id} > ${to}`;
    if (!this.#sites.has(key)) this.#sites.set(key, this.#findSite(caller, match, callee));
    return this.#sites.get(key);
  }

  /** Whether `caller` calls `callee` without a station in between: a stack has the two side by side. */
  isAdjacent(caller: StationRef, callee: StationRef): boolean {
    const match = this.match(caller);
    const site = match === undefined ? undefined : this.callSite(caller, match, callee);
    return site?.through.every((name) => !this.#stationNames.has(name)) ?? false;
  }

  #findSite(caller: StationRef, match: Match, callee: StationRef | readonly string[]): SiteIn | undefined {
    const target = this.#target(caller, callee);
    const isStation = (name: string) => this.#stationNames.has(name);
    for (const from of [match.found, ...match.others]) {
      const site = findCallSite(this.corpus, from, target, isStation);
      if (site !== undefined) return { ...site, from };
    }
    return undefined;
  }

  #target(caller: StationRef, callee: StationRef | readonly string[]): Target {
    if (!("id" in callee)) return { names: new Set(callee) };
    const here = this.match(callee)?.found.def.name;
    const names = new Set(here === undefined ? namesOf(callee) : [here, ...namesOf(callee)]);
    return callee.layer === caller.layer ? { names, station: callee } : { names };
  }

  /** Stations with a body in a file, in the order of their lines. */
  stationsIn(path: string): readonly StationHere[] {
    return this.#byFile.get(path) ?? [];
  }

  /**
   * The place of a line: the station whose body has it, else the next one below. A line with a call that leads to
   * stations is a place of its own; any other line of a body means the function's entry.
   */
  placeAt(path: string, line: number): { readonly place: BreakpointPlace; readonly here: StationHere } | undefined {
    const stations = this.stationsIn(path);
    const inside = stations.filter(({ def }) => def.start <= line && line <= def.end);
    const here = inside.at(-1) ?? stations.find(({ def }) => def.start > line);
    if (here === undefined) return undefined;
    const call = inside.length > 0 ? this.#callPlaces(here).find((place) => place.line === line) : undefined;
    return { place: call ?? entryOf(here), here };
  }

  /** Every place between two lines, both included. */
  placesIn(path: string, start: number, end: number): BreakpointPlace[] {
    const places = this.stationsIn(path).flatMap((here) => [entryOf(here), ...this.#callPlaces(here)]);
    return places
      .filter(({ line }) => line >= start && line <= end)
      .sort((a, b) => a.line - b.line || a.column - b.column);
  }

  #callPlaces({ station, def }: StationHere): BreakpointPlace[] {
    return def.calls
      .filter(({ line }) => line !== def.line)
      .map((call) => ({ line: call.line, column: call.column, station, callees: this.#calleesOf(call, station) }))
      .filter(({ callees }) => callees.length > 0);
  }

  #calleesOf(call: Call, caller: StationRef): readonly StationRef[] {
    const named = this.#byName.get(call.name);
    if (named !== undefined && !call.pointer) return named;
    return [...this.#byName.values()]
      .flat()
      .filter((station) => station.layer === caller.layer && pointerReaches(call.name, station));
  }
}

const entryOf = ({ station, def }: StationHere): BreakpointPlace => ({
  line: def.line,
  column: def.column,
  station,
  callees: [],
});
