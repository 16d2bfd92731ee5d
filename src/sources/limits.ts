import type { SkipReason, SkipReport } from "./types.ts";

/** Bounds for trees that are huge or broken. Sizes in bytes, times in milliseconds. */
export interface Limits {
  readonly fileBytes: number;
  /** Files looked at, and bytes read, in one search through a tree. */
  readonly files: number;
  readonly searchBytes: number;
  readonly depth: number;
  readonly parseMs: number;
  /** After which a file that does not let go of the parser costs the thread its life. */
  readonly stuckMs: number;
  /** Brackets open at a time. */
  readonly nesting: number;
}

/** The largest file the registry names has 0.2 MB; ACRN has 600 files, the searched part of Linux about 13 000. */
export const defaultLimits: Limits = {
  fileBytes: 2 * 1024 * 1024,
  files: 40_000,
  searchBytes: 1024 * 1024 * 1024,
  depth: 16,
  parseMs: 3000,
  stuckMs: 8000,
  nesting: 1000,
};

const EXAMPLES = 5;

export type SkippedPath = readonly [reason: SkipReason, path: string];

/** Counts what is left out. A path counts once for a reason. */
export class Skips {
  readonly #found = new Map<SkipReason, Set<string>>();

  add(reason: SkipReason, path: string): void {
    let paths = this.#found.get(reason);
    if (paths === undefined) {
      paths = new Set();
      this.#found.set(reason, paths);
    }
    paths.add(path);
  }

  list(): SkippedPath[] {
    return [...this.#found].flatMap(([reason, paths]) => [...paths].map((path): SkippedPath => [reason, path]));
  }

  /** Forgets a path that is about to be read again. */
  forget(path: string): void {
    for (const [reason, paths] of this.#found) {
      if (paths.delete(path) && paths.size === 0) this.#found.delete(reason);
    }
  }

  report(): SkipReport {
    const report: { [reason in SkipReason]?: { count: number; examples: string[] } } = {};
    for (const [reason, paths] of this.#found) {
      report[reason] = { count: paths.size, examples: [...paths].slice(0, EXAMPLES) };
    }
    return report;
  }
}
