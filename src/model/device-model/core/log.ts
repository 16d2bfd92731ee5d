import type { Log } from "../../doors/host.ts";
import { declareState, plain, wiring } from "../../inspect/state.ts";

/** acrn-dm's pr_err, pr_warn, … (devicemodel/include/log.h). Messages carry no line end. */

export interface HasLog {
  readonly log: Log;
}

const NAME = "acrn-dm";

export const prErr = (on: HasLog, message: string): void => on.log(1, NAME, message);
/** acrn-dm says it by pr_err, and it is none. */
export const prAnnouncement = (on: HasLog, message: string): void => on.log(1, NAME, message, "announcement");
export const prWarn = (on: HasLog, message: string): void => on.log(2, NAME, message);
export const prNotice = (on: HasLog, message: string): void => on.log(3, NAME, message);
export const prInfo = (on: HasLog, message: string): void => on.log(4, NAME, message);

/**
 * Counts what acrn-dm does silently (bytes it drops, above all) and says so at the 1st, 2nd, 4th, 8th … time:
 * a guest that repeats it cannot flood the log.
 */
export class Occurrences {
  static readonly state = declareState<Occurrences>("device-model.Occurrences", {
    what: wiring,
    count: plain,
    bytes: plain,
  });
  readonly what: string;
  count = 0;
  bytes = 0;

  constructor(what: string) {
    this.what = what;
  }

  note(on: HasLog, bytes: number): void {
    this.count++;
    this.bytes += bytes;
    if ((this.count & (this.count - 1)) !== 0) return;
    prWarn(on, `${this.what} (${this.count} times, ${this.bytes} bytes so far)`);
  }
}

const hexDigits = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
/** "0x00cf" */
export const hex = (value: number, digits = 0): string => `0x${hexDigits(value, digits)}`;
