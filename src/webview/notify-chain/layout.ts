import type { Hop, StationFacts } from "../messages.ts";

/** Where the hops of a kick are in the picture: a lane for each context, a row for each hop. */

export interface Lane {
  readonly context: string;
  readonly layer: string;
  /** First and last row with a hop of it. */
  readonly first: number;
  readonly last: number;
}

/** An unbroken run of rows in one lane. */
export interface Segment {
  readonly lane: number;
  readonly first: number;
  readonly last: number;
}

export interface Row {
  /** Index of the hop; for folded ones the last of them. */
  readonly hop: number;
  /** Hops folded into this row; 1 for a row of its own. */
  readonly hops: number;
  readonly lane: number;
  /** Calls deep, from the lane's outermost hop. */
  readonly indent: number;
  /** The first row of a segment. */
  readonly enters: boolean;
}

/** A hand-over from one context to another. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
}

export interface Layout {
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
  readonly segments: readonly Segment[];
  readonly arrows: readonly Arrow[];
  /** Row of each hop. */
  readonly rowOf: readonly number[];
}

/** Guest callers that stay visible when the rest is folded: from hvc_write on, for a write by a process. */
export const GUEST_CALLERS = 8;

/** `folded`: the outer callers of the guest's kick are one row. */
export function layOut(hops: readonly Hop[], folded: boolean): Layout {
  const lanes = lanesOf(hops);
  const fold = folded ? foldable(hops) : 0;
  const kick = guestHops(hops);
  const rows: Row[] = [];
  const rowOf: number[] = [];
  hops.forEach((hop, index) => {
    rowOf.push(Math.max(0, index - Math.max(0, fold - 1)));
    if (index < fold - 1) return;
    const { lane, base } = lanes.get(hop.context)!;
    const isFold = fold > 0 && index === fold - 1;
    rows.push({
      hop: index,
      hops: isFold ? fold : 1,
      lane,
      indent: isFold ? 0 : Math.max(0, hop.depth - base - (index < kick ? fold : 0)),
      enters: rows.at(-1)?.lane !== lane,
    });
  });
  const arrows = hops.flatMap(({ cause, context }, index) =>
    cause !== null && hops[cause]?.context !== context ? [{ from: rowOf[cause], to: rowOf[index] }] : [],
  );
  const segments = segmentsOf(rows);
  return {
    lanes: [...lanes].map(([context, { lane, layer }]) => {
      const own = segments.filter((segment) => segment.lane === lane);
      return { context, layer, first: own[0].first, last: own[own.length - 1].last };
    }),
    rows,
    segments,
    arrows,
    rowOf,
  };
}

/** Lanes in the order in which the kick reaches them; `base` is the least depth seen. */
function lanesOf(hops: readonly Hop[]): Map<string, { lane: number; layer: string; base: number }> {
  const lanes = new Map<string, { lane: number; layer: string; base: number }>();
  for (const { context, layer, depth } of hops) {
    const known = lanes.get(context);
    if (known === undefined)
      lanes.set(context, { lane: lanes.size, layer: laneLayer(hops, context, layer), base: depth });
    else known.base = Math.min(known.base, depth);
  }
  return lanes;
}

/** A context of acrn-dm runs functions of the Service VM too; it belongs where its outermost function is. */
function laneLayer(hops: readonly Hop[], context: string, first: string): string {
  let outermost: Hop | undefined;
  for (const hop of hops) {
    if (hop.context === context && (outermost === undefined || hop.depth < outermost.depth)) outermost = hop;
  }
  return outermost?.layer ?? first;
}

/** How many of the first hops are the guest's stack at the kick. */
function guestHops(hops: readonly Hop[]): number {
  const other = hops.findIndex(({ layer }) => layer !== "guest");
  return other < 0 ? hops.length : other;
}

/** How many of the first hops are outer callers in the guest; 0 when folding them would save nothing. */
function foldable(hops: readonly Hop[]): number {
  const guest = guestHops(hops);
  return guest - GUEST_CALLERS >= 2 ? guest - GUEST_CALLERS : 0;
}

function segmentsOf(rows: readonly Row[]): Segment[] {
  const segments: { lane: number; first: number; last: number }[] = [];
  rows.forEach(({ lane, enters }, row) => {
    if (enters) segments.push({ lane, first: row, last: row });
    else segments[segments.length - 1].last = row;
  });
  return segments;
}

export type Move = "previous" | "next" | "cause" | "effect" | "first" | "last";

/** The row a key leads to: the one before or after, whoever called or woke this one, what it woke or called. */
export function moved(layout: Layout, hops: readonly Hop[], row: number, move: Move): number {
  const last = layout.rows.length - 1;
  const hop = layout.rows[row]?.hop ?? 0;
  switch (move) {
    case "previous":
      return Math.max(0, row - 1);
    case "next":
      return Math.min(last, row + 1);
    case "first":
      return 0;
    case "last":
      return last;
    case "cause": {
      const from = hops[hop].cause ?? hops[hop].caller;
      return from === null ? row : layout.rowOf[from];
    }
    case "effect": {
      const woken = hops.findIndex(({ cause }) => cause === hop);
      const to = woken >= 0 ? woken : hops.findIndex(({ caller }) => caller === hop);
      return to < 0 ? row : layout.rowOf[to];
    }
  }
}

/** Nanoseconds as a person reads them, three digits: "0", "980 ns", "20.7 µs", "1.52 ms". */
export function duration(ns: number): string {
  if (ns === 0) return "0";
  if (ns < 1000) return `${ns} ns`;
  const [value, unit] = ns < 1e6 ? [ns / 1e3, "µs"] : ns < 1e9 ? [ns / 1e6, "ms"] : [ns / 1e9, "s"];
  return `${value.toPrecision(value < 1000 ? 3 : 4)} ${unit}`;
}

type Roles = NonNullable<StationFacts["roles"]>;

/** What the picture calls the indices of a ring, in this order. */
const RING: readonly (readonly [Roles[string], string])[] = [
  ["availIdx", "avail"],
  ["lastAvail", "taken"],
  ["usedIdx", "used"],
];

/** What a hop tells of the ioreq slot and the rings, as they were when the function was entered. */
export function stateAt({ values }: Hop, roles: Roles = {}): { readonly slot?: string; readonly ring?: string } {
  const told = new Map(Object.entries(roles).map(([name, role]) => [role, values[name]]));
  const slot = told.get("slotState");
  const ring = RING.flatMap(([role, word]) => (told.get(role) === undefined ? [] : `${word} ${told.get(role)}`));
  return {
    ...(slot === undefined ? {} : { slot: String(slot) }),
    ...(ring.length === 0 ? {} : { ring: ring.join(", ") }),
  };
}
