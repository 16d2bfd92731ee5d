import { type Corpus, type Found, longest } from "./corpus.ts";
import { pointerReaches } from "./indirect-calls.ts";
import type { Call, StationRef } from "./types.ts";

/** Functions that may stand between two stations. */
const MAX_BETWEEN = 3;

/** Where a caller is left: for a station, or for a function that is none (`wake_up_interruptible`, `ioctl`). */
export interface Target {
  readonly names: ReadonlySet<string>;
  /** Set for a station of the caller's own layer: it may be called through a pointer. */
  readonly station?: StationRef;
}

export interface FoundSite {
  readonly call: Call;
  readonly through: readonly string[];
  readonly isPointer: boolean;
  readonly others: readonly number[];
}

interface Step {
  readonly from: Found;
  /** The call in the caller that this way begins with. */
  readonly first: Call;
  readonly through: readonly string[];
}

/**
 * The call in `caller` that leads to `target`: by name, through a pointer known to lead there, or through the fewest
 * functions in between. A stack only skips functions that are no stations, and those the compiler inlined;
 * `isStation` puts the latter last.
 */
export function findCallSite(
  corpus: Corpus,
  caller: Found,
  target: Target,
  isStation: (name: string) => boolean,
): FoundSite | undefined {
  return search(corpus, caller, target, (name) => isStation(name)) ?? search(corpus, caller, target, () => false);
}

function search(
  corpus: Corpus,
  caller: Found,
  target: Target,
  isClosed: (name: string) => boolean,
): FoundSite | undefined {
  const here = reached(caller, target);
  if (here !== undefined) return { ...here, through: [] };
  const seen = new Set([caller.def]);
  let steps = stepsFrom(corpus, caller, seen, isClosed, (call) => ({ first: call, through: [] }));
  for (let between = 1; between <= MAX_BETWEEN; between++) {
    for (const { from, first, through } of steps) {
      if (reached(from, target) === undefined) continue;
      const others = steps.filter((step) => step.first !== first && step.from === from).map((step) => step.first.line);
      return { call: first, through, isPointer: false, others };
    }
    const previous = steps;
    steps = previous.flatMap(({ from, first, through }) =>
      stepsFrom(corpus, from, seen, isClosed, () => ({ first, through })),
    );
  }
  return undefined;
}

/** The calls in one function that reach the target without another function in between. */
function reached({ def }: Found, { names, station }: Target): Omit<FoundSite, "through"> | undefined {
  let calls = def.calls.filter(({ name }) => names.has(name));
  const isPointer = calls.length === 0;
  if (isPointer && station !== undefined) calls = def.calls.filter(({ name }) => pointerReaches(name, station));
  const [call, ...rest] = calls;
  if (call === undefined) return undefined;
  return { call, isPointer: isPointer || call.pointer === true, others: rest.map(({ line }) => line) };
}

function stepsFrom(
  corpus: Corpus,
  from: Found,
  seen: Set<Found["def"]>,
  isClosed: (name: string) => boolean,
  begin: (call: Call) => Pick<Step, "first" | "through">,
): Step[] {
  const steps: Step[] = [];
  for (const call of from.def.calls) {
    if (call.pointer || isClosed(call.name)) continue;
    const next = definitionFor(corpus, call.name, from);
    if (next === undefined || seen.has(next.def)) continue;
    seen.add(next.def);
    const { first, through } = begin(call);
    steps.push({ from: next, first, through: [...through, call.name] });
  }
  return steps;
}

/** The definition a call means: one in the same file, else one that other files can see. */
function definitionFor(corpus: Corpus, name: string, from: Found): Found | undefined {
  const all = corpus.named(name);
  const same = all.filter(({ file }) => file === from.file);
  return longest(same.length > 0 ? same : all.filter(({ file, def }) => !def.isStatic || file.path.endsWith(".h")));
}
