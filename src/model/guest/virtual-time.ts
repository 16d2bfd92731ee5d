/**
 * The machine's clock: `performance.now` without the time the world was stopped. v86 takes all its time from
 * `performance.now`, which it captures when it is imported; the clock is installed before that, so that a guest that
 * was stopped in the middle of an instruction notices nothing.
 */
export class VirtualClock {
  readonly #real: () => number;
  #lost = 0;
  #stoppedAt: number | undefined;

  constructor(real: () => number = performance.now.bind(performance)) {
    this.#real = real;
  }

  /** Milliseconds. Stands still between `stop` and `resume`. */
  readonly now = (): number => (this.#stoppedAt ?? this.#real()) - this.#lost;

  get stopped(): boolean {
    return this.#stoppedAt !== undefined;
  }

  stop(): void {
    this.#stoppedAt ??= this.#real();
  }

  resume(): void {
    if (this.#stoppedAt === undefined) return;
    this.#lost += this.#real() - this.#stoppedAt;
    this.#stoppedAt = undefined;
  }

  /** Makes this the thread's `performance.now`. A thread carries one machine. */
  install(): void {
    Object.defineProperty(performance, "now", { value: this.now, configurable: true, writable: true });
  }
}
