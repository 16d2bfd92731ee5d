import type { Chain, Entered } from "../chain/chain.ts";
import type { VirtualClock } from "../guest/virtual-time.ts";

/**
 * Stops the world where it stands, deep inside the guest's own instruction if need be: the thread blocks, virtual
 * time stands still, and requests are answered until one says to go on.
 */
export class StopGate {
  readonly #chain: Chain;
  readonly #clock: VirtualClock;
  readonly #control: Int32Array;
  /** Answers the requests that have come; called while stopped. */
  readonly #answer: () => void;
  readonly #onStopped: (station: string, context: string) => void;
  #stopAt: ReadonlySet<string> = new Set();
  #watch: Entered | undefined;
  #goOn = false;
  stopped = false;
  /** Number of the stop under way, or of the last one. */
  stops = 0;

  constructor(
    chain: Chain,
    clock: VirtualClock,
    control: Int32Array,
    answer: () => void,
    onStopped: (station: string, context: string) => void,
  ) {
    this.#chain = chain;
    this.#clock = clock;
    this.#control = control;
    this.#answer = answer;
    this.#onStopped = onStopped;
  }

  /** Stops at the next entry of one of these stations; none disarms. */
  stopAt(stations: readonly string[]): void {
    this.#stopAt = new Set(stations);
    this.#arm();
  }

  /** Is called where stations are entered, and may call `stop`; undefined: nobody looks. */
  watch(watch: Entered | undefined): void {
    this.#watch = watch;
    this.#arm();
  }

  #arm(): void {
    const wanted = this.#stopAt;
    const watch = this.#watch;
    if (wanted.size === 0) {
      this.#chain.gate = watch;
      return;
    }
    this.#chain.gate = (station, context) => {
      watch?.(station, context);
      if (wanted.has(station.id)) this.stop(() => this.#onStopped(station.id, context.name));
    };
  }

  /** From now on the world is not stopped, although this thread may answer more before it goes on. */
  resume(): void {
    this.#goOn = true;
    this.stopped = false;
  }

  /** Stops the world here and now, until `resume`. `told` is called when it stands still. */
  stop(told: () => void): void {
    this.#clock.stop();
    this.stopped = true;
    this.stops++;
    this.#goOn = false;
    told();
    this.waitFor(() => this.#goOn);
    this.#clock.resume();
  }

  /** Blocks the thread, answering requests, until `condition` holds. */
  waitFor(condition: () => boolean): void {
    for (;;) {
      const seen = Atomics.load(this.#control, 0);
      this.#answer();
      if (condition()) return;
      Atomics.wait(this.#control, 0, seen);
    }
  }
}
