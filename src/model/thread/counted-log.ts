import type { Log } from "../doors/host.ts";

/** Different texts of one kind that are shown; a guest can make new ones as fast as old ones, by other numbers. */
const TEXTS = 32;
/** Kinds that are told apart; there are not so many. */
const KINDS = 1000;
/** What is less than a warning is for people who want to see everything. */
const LEVEL_WARNING = 2;

interface Kind {
  readonly texts: Map<string, number>;
  /** Messages of this kind that are none of `texts`. */
  others: number;
}

/**
 * Keeps a guest that repeats a mistake from flooding the log: each error and warning is told once, and then when it has come the
 * 2nd, 4th, 8th ... time. Messages that differ in numbers only are of one kind.
 */
export function countedLog(log: Log): Log {
  const kinds = new Map<string, Kind>();
  return (level, source, message, what) => {
    if (level > LEVEL_WARNING || what !== undefined) {
      log(level, source, message, what);
      return;
    }
    const name = `${level} ${source} ${message.replace(/0x[0-9a-f]+|\d+/gi, "#")}`;
    const kind = kinds.get(name) ?? { texts: new Map(), others: 0 };
    if (kinds.size < KINDS) kinds.set(name, kind);
    const before = kind.texts.get(message);
    if (before === undefined && kind.texts.size >= TEXTS) {
      kind.others++;
      if (isPowerOf2(kind.others)) log(level, source, `${message} (${kind.others} more of this kind so far)`);
      return;
    }
    const count = (before ?? 0) + 1;
    kind.texts.set(message, count);
    if (count === 1) log(level, source, message);
    else if (isPowerOf2(count)) log(level, source, `${message} (${count} times so far)`);
  };
}

const isPowerOf2 = (count: number): boolean => Number.isInteger(Math.log2(count));
