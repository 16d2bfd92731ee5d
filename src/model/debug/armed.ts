import type { Chain } from "../chain/chain.ts";
import type { ArmAnswer, ArmRequest, BreakpointRules, ExceptionFilter, StationBreakpoint } from "../protocol/debug.ts";
import type { Scope } from "./expression/evaluate.ts";
import type { GuestProblem } from "./guest-functions.ts";
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

/** What there is to be named. */
export interface Known {
  readonly chain: Chain;
  /** By exception filter its label. */
  readonly filters: { readonly [id: string]: string };
  /** Names that arguments have which are structures, wherever they occur. */
  readonly argumentNames: ReadonlySet<string>;
  /** What means something outside of any frame. */
  machineKnows(name: string): boolean;
}

/** Why functions cannot be stopped at. */
export interface PlaceProblems {
  /** Of the guest's own kernel. */
  ofGuest(name: string): GuestProblem | undefined;
  /** Of the layers below it: why it is never entered in this machine. */
  ofStation(id: string): string | undefined;
}

/** Makes what is to be armed; what cannot be is left out and told. `before`: where hits are counted on from. */
export function arm(
  request: ArmRequest,
  before: ArmedSet,
  watches: WatchSet,
  known: Known,
  problems: PlaceProblems,
): { readonly set: ArmedSet; readonly answer: ArmAnswer } {
  const { chain, filters } = known;
  const machineKnows = (name: string): boolean => known.machineKnows(name);
  const set = new ArmedSet();
  const refused: { id: number; message: string; pending: boolean }[] = [];
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
        const item = {
          ...armed(
            spec.id,
            spec,
            knownAt(spec.caller === undefined ? spec.stations : [...spec.stations, spec.caller], known),
          ),
          spec,
        };
        const problem = addStation(set, item, chain, problems);
        if (problem !== undefined) refused.push({ id: spec.id, ...problem });
      },
      (message) => refused.push({ id: spec.id, message, pending: false }),
    );
  }
  for (const spec of request.dataBreakpoints) {
    attempt(
      () => set.watches.push({ ...armed(spec.id, spec, machineKnows), watch: watches.resolve(spec.dataId) }),
      (message) => refused.push({ id: spec.id, message, pending: false }),
    );
  }
  for (const { filter, condition } of request.exceptions) {
    attempt(
      () => {
        if (!Object.hasOwn(filters, filter)) {
          throw new DebugError(`there is no exception filter ${filter}; there are ${Object.keys(filters).join(", ")}`);
        }
        set.exceptions.set(filter, parseRules({ condition }, anyStationKnows(known)));
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

/** Why it cannot be hit, all the same armed, if that may change. Throws when it may not. */
function addStation(
  set: ArmedSet,
  armed: ArmedStation,
  chain: Chain,
  { ofGuest, ofStation }: PlaceProblems,
): GuestProblem | undefined {
  const { stations, context, caller, guestFunctions = [] } = armed.spec;
  if (context !== undefined && chain.contexts[context] === undefined)
    throw new DebugError(`there is no context ${context}`);
  if (stations.length + guestFunctions.length === 0) throw new DebugError("no station is named");
  const unknown = [...stations, ...(caller === undefined ? [] : [caller])].filter((id) => !chain.stations.has(id));
  if (unknown.length > 0) throw new DebugError(`no station is called ${unknown.join(", ")}`);
  const isInGuest = (id: string): boolean => chain.stations.ofGuest(id) !== undefined;
  const inGuest = [...stations.filter(isInGuest), ...guestFunctions];
  const below = stations.filter((id) => !isInGuest(id));
  const inLayers = below.flatMap((id) => ofStation(id) ?? []);
  const problems = inGuest.flatMap((name) => ofGuest(name) ?? []);
  // Of a pattern's functions some may be inlined.
  const isNowhere = problems.length + inLayers.length === stations.length + guestFunctions.length;
  const message = [...problems.map((problem) => problem.message), ...inLayers].join("; ");
  const pending = problems.some((problem) => problem.pending);
  if (isNowhere && !pending && inLayers.length === 0) throw new DebugError(message);
  for (const id of below) add(set.byStation, id, armed);
  for (const name of new Set(inGuest)) add(set.byGuestFunction, name, armed);
  return isNowhere ? { message, pending } : undefined;
}

function add(map: Map<string, ArmedStation[]>, name: string, armed: ArmedStation): void {
  const list = map.get(name);
  if (list === undefined) map.set(name, [armed]);
  else list.push(armed);
}

function knownAt(stations: readonly string[], known: Known): (name: string) => boolean {
  const registry = known.chain.stations;
  return (name) =>
    known.machineKnows(name) ||
    known.argumentNames.has(name) ||
    stations.some((id) => Object.hasOwn(registry.get(id)?.values ?? {}, name));
}

function anyStationKnows(known: Known): (name: string) => boolean {
  return (name) =>
    known.machineKnows(name) ||
    known.argumentNames.has(name) ||
    known.chain.stations.all.some(({ values }) => Object.hasOwn(values, name));
}
