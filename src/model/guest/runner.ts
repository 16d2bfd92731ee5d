import type { Chain } from "../chain/chain.ts";
import type { Scheduler } from "../chain/scheduler.ts";
import type { GuestEnd, GuestIntrospection } from "./guest-end.ts";
import { GuestFault, type V86Engine } from "./v86/engine.ts";

/** Milliseconds between two looks whether a busy guest is in panic(), where a kernel spins for ever. */
const PANIC_CHECK_MS = 250;

/** Runs hosts until they are idle, then the guest for a slice, and so on to the guest's end. */
export class GuestRunner {
  readonly #chain: Chain;
  readonly #scheduler: Scheduler;
  readonly #engine: V86Engine;
  readonly #introspection: GuestIntrospection;
  #end: GuestEnd | undefined;
  #wakeUp: (() => void) | undefined;
  /** Virtual time of the next look, and what the last one found. */
  #nextPanicCheck = PANIC_CHECK_MS;
  #inPanic = false;

  constructor(chain: Chain, scheduler: Scheduler, engine: V86Engine, introspection: GuestIntrospection) {
    this.#chain = chain;
    this.#scheduler = scheduler;
    this.#engine = engine;
    this.#introspection = introspection;
  }

  /** Ends the run after the current slice. */
  finish(end: GuestEnd): void {
    this.#end ??= end;
    this.#wakeUp?.();
  }

  async run(): Promise<GuestEnd> {
    // Input from outside wakes a context while the guest is halted: then there is something to do at once.
    this.#chain.onWake = () => this.#wakeUp?.();
    try {
      for (;;) {
        this.#scheduler.runUntilIdle();
        if (this.#end !== undefined) return this.#end;
        const slice = this.#engine.runSlice();
        if (this.#end !== undefined) return this.#end;
        if (slice.kind === "dead") return this.#introspection.endOfDeadCpu();
        if (slice.kind === "running" && this.#hasPanicked()) return this.#introspection.endOfPanic();
        await (slice.kind === "idle" && slice.milliseconds >= 1 ? this.#sleep(slice.milliseconds) : nextTurn());
      }
    } catch (error) {
      if (error instanceof GuestFault) return { kind: "fault", message: error.message };
      throw error;
    } finally {
      this.#chain.onWake = undefined;
    }
  }

  /** Twice in a row, so that its last words are out. */
  #hasPanicked(): boolean {
    const now = this.#chain.timeMs;
    if (now < this.#nextPanicCheck) return false;
    this.#nextPanicCheck = now + PANIC_CHECK_MS;
    const before = this.#inPanic;
    this.#inPanic = this.#introspection.panicked();
    return before && this.#inPanic;
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(done, milliseconds);
      const wake = () => done();
      this.#wakeUp = wake;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    }).then(() => {
      this.#wakeUp = undefined;
    });
  }
}

/** Lets the thread's events in: input, requests, v86's compiled code. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
