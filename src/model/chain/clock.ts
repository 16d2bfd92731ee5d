/** The machine's clock: virtual milliseconds, as `performance.now`. */
export interface Clock {
  now(): number;
  /** It stands still until `resume` has been called as often: what is done meanwhile takes the machine no time. */
  stop(): void;
  resume(): void;
}

/** A clock that nobody can stop. */
export const unstoppable = (now: () => number): Clock => ({ now, stop: () => {}, resume: () => {} });
