import type { Chain } from "../chain/chain.ts";
import type { Scheduler } from "../chain/scheduler.ts";
import type { GuestEnd } from "../doors/guest.ts";
import { GuestFault } from "./guest-end.ts";

/** Milliseconds between two looks whether a busy guest is in panic(), where a kernel spins for ever. */
const PANIC_CHECK_MS = 250;

/**
 * Instructions of a slice in which a kernel does no more than count its clock on: Debian's takes 4 000, and some 15 000 for its own
 * housekeeping. A process that wakes takes many more.
 */
const CLOCK_INSTRUCTIONS = 32_000;
/** That many such slices in a row, and the guest rests: the clock, which counts on by itself, wakes it less often. */
const QUIET_SLICES = 250;
/** Milliseconds a guest that rests is left alone at least. Debian's 32-bit kernel would have its clock counted on every 4. */
const REST_MS = 40;

/** How a slice ended. */
export type SliceEnd =
  | { readonly kind: "running" }
  /** Halted until an interrupt, after so many instructions; the next timer is due in that many milliseconds. */
  | { readonly kind: "idle"; readonly milliseconds: number; readonly instructions: number }
  /** Halted with interrupts off: it will never run again. */
  | { readonly kind: "dead" }
  /** Its VM no longer runs. */
  | { readonly kind: "stopped" };

/** An engine whose guest runs slice by slice, in this thread. */
export interface SlicedEngine {
  runSlice(): SliceEnd;
}

/** What can be told of a guest by looking at its memory and registers. */
export interface Introspection {
  endOfDeadCpu(): GuestEnd;
  panicked(): boolean;
  endOfPanic(): GuestEnd;
}

/** The events of the thread the machine lives in. */
export interface EventLoop {
  /** Lets in what has come: input, requests, v86's compiled code. */
  turn(): Promise<void>;
  /** Calls `done` in so many milliseconds; the returned function takes that back. */
  after(milliseconds: number, done: () => void): () => void;
}

/** Runs hosts until they are idle, then the guest for a slice, and so on to the guest's end. */
export class GuestRunner {
  readonly #chain: Chain;
  readonly #scheduler: Scheduler;
  readonly #engine: SlicedEngine;
  readonly #introspection: Introspection;
  readonly #loop: EventLoop;
  #end: GuestEnd | undefined;
  #wakeUp: (() => void) | undefined;
  /** Virtual time of the next look, and what the last one found. */
  #nextPanicCheck = PANIC_CHECK_MS;
  #inPanic = false;
  #quietSlices = 0;

  constructor(chain: Chain, scheduler: Scheduler, engine: SlicedEngine, introspection: Introspection, loop: EventLoop) {
    this.#chain = chain;
    this.#scheduler = scheduler;
    this.#engine = engine;
    this.#introspection = introspection;
    this.#loop = loop;
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
        const pause = slice.kind === "idle" ? this.#pauseAfter(slice) : 0;
        await (pause > 0 ? this.#sleep(pause) : this.#loop.turn());
      }
    } catch (error) {
      if (error instanceof GuestFault) return { kind: "fault", message: error.message };
      throw error;
    } finally {
      this.#chain.onWake = undefined;
    }
  }

  #pauseAfter({ milliseconds, instructions }: Extract<SliceEnd, { kind: "idle" }>): number {
    this.#quietSlices = instructions < CLOCK_INSTRUCTIONS ? this.#quietSlices + 1 : 0;
    return this.#quietSlices > QUIET_SLICES ? Math.max(milliseconds, REST_MS) : milliseconds;
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

  async #sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const takeBack = this.#loop.after(milliseconds, resolve);
      this.#wakeUp = () => {
        this.#quietSlices = 0;
        takeBack();
        resolve();
      };
    });
    this.#wakeUp = undefined;
  }
}
