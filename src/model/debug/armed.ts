import type { Chain } from "../chain/chain.ts";
import type { StationRegistry } from "../chain/station-registry.ts";
import type { ArmAnswer, ArmRequest, BreakpointRules, ExceptionFilter, StationBreakpoint } from "../protocol/debug.ts";
import { exceptionFilters } from "../protocol/debug.ts";
import { entryFilters } from "./exceptions.ts";
import type { Scope } from "./expression/evaluate.ts";
import { isMet, parseRules, type Rules } from "./rules.ts";
import { DebugError } from "./target.ts";
import type { Watch, WatchSet } from "./watch.ts";

/** A breakpoint as it is checked. */
interface Armed {
  readonly id: number;
  readonly rules: Rules;
  /** What it was made of: hits are counted on for an equal one. */
  readonly key: string;
  hits: number;
}

export interface ArmedStation extends Armed {
  readonly spec: StationBreakpoint;
}

export interface ArmedWatch extends Armed {
  readonly watch: Watch;
}

/** A hit: stops, or tells something, or neither. */
export type Hit = { readonly stop: true } | { readonly stop: false; readonly message: Rules["message"] };

/** Everything that is armed. */
export class ArmedSet {
  readonly byStation = new Map<string, ArmedStation[]>();
  /** The same for functions inside the guest. */
  readonly byGuestFunction = new Map<string, ArmedStation[]>();
  readonly watches: ArmedWatch[] = [];
  readonly exceptions = new Map<ExceptionFilter, Rules>();
  stopOnKick: true | "first" | number | undefined;

  /** Anything that must be looked at when a station is entered. */
  get watchesEntries(): boolean {
    return (
      this.byStation.size > 0 || this.watches.length > 0 || entryFilters.some((filter) => this.exceptions.has(filter))
    );
  }

  /** The number of the hit counts; whether this one stops. */
  hit(armed: Armed, scope: Scope): Hit | undefined {
    if (!isMet(armed.rules.condition, scope)) return undefined;
    armed.hits++;
    if (armed.rules.hits?.(armed.hits) === false) return undefined;
    const { message } = armed.rules;
    return message === undefined ? { stop: true } : { stop: false, message };
  }

  /** Takes a one-shot breakpoint away. */
  disarm(armed: ArmedStation): void {
    for (const map of [this.byStation, this.byGuestFunction]) {
      for (const [station, list] of map) {
        const rest = list.filter((other) => other !== armed);
        if (rest.length === 0) map.delete(station);
        else map.set(station, rest);
      }
    }
  }
}

/** Makes what is to be armed; what cannot be is left out and told. `before`: where hits are counted on from. */
export function arm(
  request: ArmRequest,
  before: ArmedSet,
  watches: WatchSet,
  chain: Chain,
  machineKnows: (name: string) => boolean,
  guestProblem: (name: string) => string | undefined,
): { readonly set: ArmedSet; readonly answer: ArmAnswer } {
  const set = new ArmedSet();
  const refused: { id: number; message: string }[] = [];
  const refusedFilters: { filter: string; message: string }[] = [];
  const hits = hitCounts(before);
  const armed = (id: number, spec: BreakpointRules, isKnown: (name: string) => boolean): Armed => {
    const key = JSON.stringify(spec);
    return { id, rules: parseRules(spec, isKnown), key, hits: hits.get(key) ?? 0 };
  };
  const attempt = (body: () => void, failed: (message: string) => void): void => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof DebugError)) throw error;
      failed(error.message);
    }
  };
  for (const spec of request.breakpoints) {
    attempt(
      () => {
        const known = knownAt(spec.stations, chain.stations, machineKnows);
        addStation(set, { ...armed(spec.id, spec, known), spec }, chain, guestProblem);
      },
      (message) => refused.push({ id: spec.id, message }),
    );
  }
  for (const spec of request.dataBreakpoints) {
    attempt(
      () => set.watches.push({ ...armed(spec.id, spec, machineKnows), watch: watches.resolve(spec.dataId) }),
      (message) => refused.push({ id: spec.id, message }),
    );
  }
  for (const { filter, condition } of request.exceptions) {
    attempt(
      () => {
        if (!Object.hasOwn(exceptionFilters, filter)) {
          throw new DebugError(
            `there is no exception filter ${filter}; there are ${Object.keys(exceptionFilters).join(", ")}`,
          );
        }
        set.exceptions.set(filter, parseRules({ condition }, anyStationKnows(chain.stations, machineKnows)));
      },
      (message) => refusedFilters.push({ filter, message }),
    );
  }
  set.stopOnKick = request.stopOnKick;
  return { set, answer: { breakpoints: refused, exceptions: refusedFilters } };
}

function hitCounts(before: ArmedSet): Map<string, number> {
  const counts = new Map<string, number>();
  for (const map of [before.byStation, before.byGuestFunction]) {
    for (const list of map.values()) for (const { key, hits } of list) counts.set(key, hits);
  }
  for (const { key, hits } of before.watches) counts.set(key, hits);
  return counts;
}

function addStation(
  set: ArmedSet,
  armed: ArmedStation,
  chain: Chain,
  guestProblem: (name: string) => string | undefined,
): void {
  const { stations, context, caller, guestFunctions = [] } = armed.spec;
  if (context !== undefined && chain.contexts[context] === undefined)
    throw new DebugError(`there is no context ${context}`);
  if (stations.length + guestFunctions.length === 0) throw new DebugError("no station is named");
  const unknown = [...stations, ...(caller === undefined ? [] : [caller])].filter((id) => !chain.stations.has(id));
  if (unknown.length > 0) throw new DebugError(`no station is called ${unknown.join(", ")}`);
  const isInGuest = (id: string): boolean => chain.stations.ofGuest(id) !== undefined;
  const inGuest = [...stations.filter(isInGuest), ...guestFunctions];
  const problems = inGuest.map(guestProblem);
  // Of a pattern's functions some may be inlined.
  if (problems.length === stations.length + guestFunctions.length && problems.every((text) => text !== undefined)) {
    throw new DebugError(problems.join("; "));
  }
  for (const id of stations) if (!isInGuest(id)) add(set.byStation, id, armed);
  for (const name of new Set(inGuest)) add(set.byGuestFunction, name, armed);
}

function add(map: Map<string, ArmedStation[]>, name: string, armed: ArmedStation): void {
  const list = map.get(name);
  if (list === undefined) map.set(name, [armed]);
  else list.push(armed);
}

/** Arguments that are structures have these names wherever they occur. */
const ARGUMENTS = new Set(
  "vcpu vm event vioapic vlapic hsm_vm client eventfd kernel vq base dev console port be viothrd iov access".split(" "),
);

function knownAt(
  stations: readonly string[],
  registry: StationRegistry,
  machineKnows: (name: string) => boolean,
): (name: string) => boolean {
  return (name) =>
    machineKnows(name) ||
    ARGUMENTS.has(name) ||
    stations.some((id) => Object.hasOwn(registry.get(id)?.values ?? {}, name));
}

function anyStationKnows(
  registry: StationRegistry,
  machineKnows: (name: string) => boolean,
): (name: string) => boolean {
  return (name) =>
    machineKnows(name) || ARGUMENTS.has(name) || registry.all.some(({ values }) => Object.hasOwn(values, name));
}
