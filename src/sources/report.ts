import type { WorkerAnswer } from "./protocol.ts";
import { missingReason, type TreeState } from "./trees.ts";
import type { SkipReport, StationRef, Tree } from "./types.ts";
import { kindOf } from "./wanted.ts";

/** What came of indexing one tree. */
export interface TreeReport {
  readonly tree: Tree;
  readonly ms: number;
  /** Files in the index, and how many of them were parsed now; the others came from the cache. */
  readonly files: number;
  readonly parsed: number;
  readonly found: number;
  readonly missing: readonly { readonly station: string; readonly reason: string }[];
  readonly skipped: SkipReport;
  /** What went wrong without spoiling the index. */
  readonly notes: readonly string[];
  /** Why there is no index. */
  readonly failure?: string;
}

export interface IndexReport {
  readonly trees: readonly TreeReport[];
  readonly cancelled: boolean;
}

export function reportOf(
  state: TreeState,
  stations: readonly StationRef[],
  ms: number,
  answer?: WorkerAnswer,
): TreeReport {
  const here = stations.filter((station) => kindOf(station) === state.tree.kind);
  const missing = here.filter((station) => state.index?.match(station) === undefined);
  return {
    tree: state.tree,
    ms,
    files: answer?.index.files.length ?? 0,
    parsed: answer?.parsed ?? 0,
    found: here.length - missing.length,
    missing: missing.map((station) => ({ station: station.id, reason: missingReason(station, [state]) })),
    skipped: state.skipped ?? {},
    notes: answer?.notes ?? [],
    ...(state.failure === undefined ? {} : { failure: state.failure }),
  };
}
