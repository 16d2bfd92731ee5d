import type { Clock } from "../chain/clock.ts";

/**
 * The machine's clock: real time without the time in which the world was stopped, or something of ours looked at it. It is
 * the guest's only one, so a guest that was stopped in the middle of an instruction notices nothing. What we measure for
 * ourselves is measured by `performance.now`, which is never the guest's but while v86 is loaded.
 */
export class VirtualClock implements Clock {
  readonly #real: () => number;
  /** How often it has been stopped without being resumed. */
  #stops = 0;
  /** Milliseconds: what was lost by stops, and when the one under way began. Here a number with a fraction costs no object. */
  readonly #times = new Float64Array(2);

  constructor(real: () => number = performance.now.bind(performance)) {
    this.#real = real;
  }

  /** Milliseconds. Stands still between `stop` and `resume`. */
  readonly now = (): number => (this.#stops > 0 ? this.#times[1] : this.#real()) - this.#times[0];

  get stopped(): boolean {
    return this.#stops > 0;
  }

  readonly stop = (): void => {
    if (this.#stops++ === 0) this.#times[1] = this.#real();
  };

  /** Throws where it was not stopped. */
  readonly resume = (): void => {
    if (this.#stops === 0) throw new Error("the machine's clock is resumed, and was not stopped");
    if (--this.#stops === 0) this.#times[0] += this.#real() - this.#times[1];
  };

  /** Is the thread's `performance.now` while `load` loads what captures that: v86 takes all its time from it. */
  async installedWhile<T>(load: () => Promise<T>): Promise<T> {
    const own = Object.getOwnPropertyDescriptor(performance, "now");
    Object.defineProperty(performance, "now", { value: this.now, configurable: true, writable: true });
    try {
      return await load();
    } finally {
      Reflect.deleteProperty(performance, "now");
      if (own !== undefined) Object.defineProperty(performance, "now", own);
    }
  }
}
