import { formatTable } from "../src/cli/table.ts";
import { ratios, type Summary, summarize } from "./stats.ts";

/** A line of the result: our figure, what it is compared with, and the aim, if there is one. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: Summary;
  /** Name and figure of the other side. */
  readonly other?: { readonly name: string; readonly summary: Summary };
  /** Ours by the other's, round by round. */
  readonly ratio?: Summary;
  /** "at most 1.25" and "at least 1" are about the ratio, "under 10 ms" about our figure. */
  readonly aim?: string;
}

/** What could not be measured, and why. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

export interface Result {
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
  /** What must not be, and was. */
  readonly failed?: readonly string[];
}

/** A row that compares. Samples of one index are of one round; the unit says whether more or less is better. */
export function comparison(
  what: string,
  unit: string,
  ours: readonly number[],
  other: { readonly name: string; readonly samples: readonly number[] },
  aim?: string,
): Row {
  return {
    what,
    unit,
    ours: summarize(ours),
    other: { name: other.name, summary: summarize(other.samples) },
    ratio: summarize(ratios(ours, other.samples)),
    aim,
  };
}

export const single = (what: string, unit: string, ours: readonly number[], aim?: string): Row => ({
  what,
  unit,
  ours: summarize(ours),
  aim,
});

const HEADER = ["what", "unit", "ours", "min-max", "other", "", "min-max", "ratio", "min-max", "aim", ""];
const RIGHT = [2, 3, 5, 6, 7, 8];

export function table({ rows, skipped, failed = [] }: Result): string {
  const lines = rows.map((row) => [
    row.what,
    row.unit,
    figure(row.ours.median),
    spread(row.ours),
    row.other?.name ?? "",
    row.other === undefined ? "" : figure(row.other.summary.median),
    row.other === undefined ? "" : spread(row.other.summary),
    row.ratio === undefined ? "" : row.ratio.median.toFixed(2),
    row.ratio === undefined ? "" : `${row.ratio.min.toFixed(2)}-${row.ratio.max.toFixed(2)}`,
    row.aim ?? "",
    row.aim === undefined ? "" : missed(row) ? "missed" : "met",
  ]);
  const notes = skipped.map(({ what, why }) => `not measured: ${what}: ${why}`);
  const failures = failed.map((what) => `FAILED: ${what}`);
  return [formatTable(HEADER, lines, RIGHT), ...notes, ...failures].join("\n");
}

/** Whether a part of the row's aim is not reached. */
function missed({ aim = "", ours, ratio }: Row): boolean {
  const parts = [...aim.matchAll(/(at most|at least|under) ([\d.]+)/g)];
  if (parts.length === 0) throw new Error(`an aim that says nothing: ${aim}`);
  return parts.some(([, how, limit]) => {
    if (how === "under") return !(ours.median < Number(limit));
    const value = (ratio ?? ours).median;
    return how === "at most" ? !(value <= Number(limit)) : !(value >= Number(limit));
  });
}

const spread = ({ min, max }: Summary): string => `${figure(min)}-${figure(max)}`;

/** Three digits that count. */
function figure(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
