/** A command line acrn-dm would refuse. The message says what was given, what is expected and what to do. */
export class DmOptionError extends Error {
  /** What the real acrn-dm would exit with: 1, 10, 11, or 64 (EX_USAGE). */
  readonly exitStatus: number;
  /** acrn-dm's own words. */
  readonly said: string;
  /** What is expected instead. */
  readonly advice: string;
  /** The option it is about, by its long name; undefined for the operands, and for one that there is not. */
  readonly option: string | undefined;

  /** `advice`: what is expected instead, one sentence or more. */
  constructor(exitStatus: number, said: string, advice: string, option?: string) {
    super(`${said}\n${advice}`);
    this.name = "DmOptionError";
    this.exitStatus = exitStatus;
    this.said = said;
    this.advice = advice;
    this.option = option;
  }
}

/** `error` as one about `option`, unless it says so itself. */
export function aboutOption(error: unknown, option: string): unknown {
  if (!(error instanceof DmOptionError) || error.option !== undefined) return error;
  return new DmOptionError(error.exitStatus, error.said, error.advice, option);
}

/** sysexits.h, used by acrn-dm's errx() calls. */
export const EX_USAGE = 64;

/**
 * ` Did you mean "x"?` for the known name nearest to a misspelt one, or nothing when none is near. What follows the last
 * dash has to be near by itself: all of a family's names share what is in front of it.
 */
export function didYouMean(given: string, known: Iterable<string>): string {
  let best = "";
  let bestDistance = Math.min(3, Math.ceil(given.length / 3)) + 1;
  for (const name of known) {
    // What is given may be very long; this alone takes that many steps.
    if (Math.abs(given.length - name.length) >= bestDistance) continue;
    const distance = editDistance(given, name, bestDistance);
    if (distance < bestDistance && similarTails(given, name)) {
      best = name;
      bestDistance = distance;
    }
  }
  return best === "" ? "" : ` Did you mean "${best}"?`;
}

/** Half of what follows the last dash is as in the other name. */
function similarTails(given: string, name: string): boolean {
  const [a, b] = [given, name].map((word) => word.slice(word.lastIndexOf("-") + 1));
  const most = Math.ceil(a.length / 2);
  return editDistance(a, b, most + 1) <= most;
}

/** Changes, insertions and deletions between two words; `limit` or more is all the same. */
function editDistance(a: string, b: string, limit: number): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + same));
      least = Math.min(least, next[j]);
    }
    if (least >= limit) return limit;
    row = next;
  }
  return row[b.length];
}
