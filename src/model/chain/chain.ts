import { declareState, derived, hidden, part, plain, wiring } from "../inspect/state.ts";
import { type Clock, unstoppable } from "./clock.ts";
import { Cause, Context, type ContextOptions, type ContextState } from "./context.ts";
import type { HandOverKind } from "./hand-over-kinds.ts";
import { Recorder } from "./recorder.ts";
import type { Emit, Station } from "./station.ts";
import { StationRegistry } from "./station-registry.ts";

/** Called when a function is entered while the gate is set; it may block for as long as a person looks. */
export type Entered = (station: Station, context: Context) => void;

const CAUSES = 512;
/** Hops one reading of the clock serves at most. */
const HOPS_PER_READING = 8;

/**
 * Makes the layers observable: which context runs, which functions each context is in, who woke whom.
 * One per machine. The stacks are always kept, which allocates nothing; recording and stopping are armed.
 */
export class Chain {
  static readonly state = declareState<Chain>(
    "chain.Chain",
    {
      contexts: part,
      // Who looks, and what was recorded, is no part of the machine.
      stations: wiring,
      recorder: wiring,
      armed: wiring,
      timesEachHop: wiring,
      onWake: wiring,
      onInput: wiring,
      emit: wiring,
      clock: wiring,
      "#recording": wiring,
      "#gate": wiring,
      "#timed": derived,
      "#untilClock": derived,
      current: plain,
      boot: wiring,
      thrown: derived,
      remaking: derived,
      handOvers: plain,
      "#causes": hidden(part, (chain: Chain) => chain.#causes),
      "#nextCause": hidden(
        plain,
        (chain: Chain) => chain.#nextCause,
        (chain, next) => (chain.#nextCause = next),
      ),
      "#wakes": hidden(
        plain,
        (chain: Chain) => chain.#wakes,
        (chain, wakes) => (chain.#wakes = wakes),
      ),
    },
    { restored: (chain) => chain.#remake() },
  );
  /** The functions the chain may pass through. */
  readonly stations: StationRegistry;
  readonly contexts: Context[] = [];
  readonly recorder: Recorder;
  /** The context that runs now. */
  current: Context;
  /** Where a machine's thread is while none of the others runs: it makes the machine, and starts acrn-dm. */
  readonly boot: Context;
  /** True when something looks at each entered function: recording or a stop gate. */
  armed = false;
  /** Each recorded hop gets a time of its own, and the clock stands still while it is recorded; see `#readClock`. */
  timesEachHop = false;
  /** Contexts are being put back to where they wait: every wait is entered, whatever its condition says. */
  remaking = false;
  /** Hand-overs so far; a cause's `serial` is its number among them. */
  handOvers = 0;
  /** What was thrown last in a function of the chain, in which, and in which context. */
  thrown: { readonly error: unknown; readonly station: Station; readonly context: Context } | undefined;
  /** Told of each wake. Set while the guest is halted, when input from outside is all that can happen. */
  onWake: (() => void) | undefined;
  /** Virtual time. */
  readonly clock: Clock;
  /** Told of each context that input from the host makes go on, before it does. */
  onInput: ((context: Context) => void) | undefined;
  /** Gives the values of the hop recorded last. */
  readonly emit: Emit;
  readonly #causes: Cause[] = [];
  #nextCause = 0;
  #wakes = 0;
  #recording = false;
  #gate: Entered | undefined;
  /** The context the clock was read for last while recording, and how many of its hops that may still serve. */
  #timed: Context | undefined;
  #untilClock = 0;

  /** `clock`: also as a function, where nobody stops it. `stations`: what is known by name. */
  constructor(clock: Clock | (() => number), stations = new StationRegistry(), recorder = new Recorder()) {
    this.clock = typeof clock === "function" ? unstoppable(clock) : clock;
    this.stations = stations;
    this.recorder = recorder;
    this.emit = (a = 0, b = 0, c = 0, d = 0, e = 0, f = 0) => recorder.setValues(a, b, c, d, e, f);
    for (let i = 0; i < CAUSES; i++) this.#causes.push(new Cause());
    this.boot = this.addContext({ name: "boot", kind: "dm.main" });
    this.boot.state = "running";
    this.current = this.boot;
  }

  addContext<T = undefined>(options: ContextOptions<T>): Context {
    const context = new Context(this.contexts.length, options as ContextOptions<unknown>);
    this.contexts.push(context);
    return context;
  }

  #remake(): void {
    const { current, armed } = this;
    this.remaking = true;
    this.armed = false;
    try {
      for (const context of this.contexts) {
        this.current = context;
        context.remake();
      }
    } finally {
      this.current = current;
      this.armed = armed;
      this.remaking = false;
    }
  }

  get recording(): boolean {
    return this.#recording;
  }

  set recording(on: boolean) {
    this.#recording = on;
    this.#arm();
  }

  set gate(gate: Entered | undefined) {
    this.#gate = gate;
    this.#arm();
  }

  #arm(): void {
    this.armed = this.#recording || this.#gate !== undefined;
  }

  /** Whether the clock stands still while an entered function is looked at: time goes to the machine alone. */
  get stopsClock(): boolean {
    return this.timesEachHop || this.#gate !== undefined;
  }

  /** Virtual milliseconds. */
  get timeMs(): number {
    return this.clock.now();
  }

  /** Virtual nanoseconds. */
  get timeNs(): number {
    return Math.round(this.clock.now() * 1e6);
  }

  /** Records the innermost frame of the current context; when that returns true its values have to be emitted. */
  record(): boolean {
    if (!this.#recording) return false;
    const context = this.current;
    this.#readClock(context);
    this.#recordInner(context);
    return true;
  }

  /** The same for a frame that is entered at the same moment as the one recorded before it. */
  recordAlso(): void {
    this.#recordInner(this.current);
  }

  #recordInner(context: Context): void {
    const inner = context.depth - 1;
    let cause = -1;
    if (context.handOver) {
      context.handOver = false;
      cause = this.#recordResumed(context, inner);
    }
    const station = context.stations[inner];
    if (station !== undefined) this.recorder.add(station, context, inner, cause, false);
  }

  /** The place where the world may be stopped: the innermost function of the current context has been entered. */
  stopHere(): void {
    if (this.#gate === undefined) return;
    const context = this.current;
    const station = context.stations[context.depth - 1];
    if (station !== undefined) this.#gate(station, context);
  }

  /**
   * Records the frames that were open when the context was woken, the first one with the cause.
   * A vCPU that comes back from wait_event goes on with its own request: only the innermost frame is told again.
   * Returns the cause if no frame was open to carry it.
   */
  #recordResumed(context: Context, end: number): number {
    let cause = context.cause?.hop ?? -1;
    const known = context.external && end > 0 && context.hops[end - 1] >= 0;
    for (let i = known ? end - 1 : 0; i < end; i++) {
      const station = context.stations[i];
      if (station !== undefined) this.recorder.add(station, context, i, cause, true);
      cause = -1;
    }
    return cause;
  }

  /**
   * Reading the clock costs as much as all the rest of a hop. Of a kick that is followed each hop is timed, and the clock
   * stands still while it is recorded. Where all hops are recorded without end, which the guest is not to be slowed down by,
   * it is read at each hand-over, and hops that follow each other in one context share a reading.
   */
  #readClock(context: Context): void {
    if (this.timesEachHop || context.handOver || context !== this.#timed || this.#untilClock-- <= 0) {
      this.recorder.time = this.clock.now();
      this.#timed = context;
      this.#untilClock = HOPS_PER_READING - 1;
    }
  }

  /** Runs `body` as if nobody looked: for what a real machine has in its chips, and no function of the chain does. */
  unseen(body: () => void): void {
    const { armed } = this;
    this.armed = false;
    try {
      body();
    } finally {
      this.armed = armed;
    }
  }

  /** Notes the innermost function an error comes out of; its callers tell of the same one. */
  threw(station: Station, error: unknown): void {
    if (this.thrown?.error !== error) this.thrown = { error, station, context: this.current };
  }

  /** Makes a blocked context runnable, caused by what the current one does. A second wake before it runs merges. */
  wake(context: Context, how: HandOverKind): void {
    if (context.state !== "blocked" && context.state !== "stuck") return;
    context.state = "runnable";
    context.wokenAt = ++this.#wakes;
    this.setCause(context, how);
    if (how === "hostInput") this.onInput?.(context);
    this.onWake?.();
  }

  /** Remembers the current context as the cause of `context` without touching its state: VM exits, VMCALLs. */
  setCause(context: Context, how: HandOverKind): void {
    context.cause = this.handOver(how);
    context.handOver = true;
  }

  /** What the current context does, as the cause of something that is not known to begin yet. */
  handOver(how: HandOverKind): Cause {
    const cause = this.#causes[this.#nextCause++ % CAUSES];
    cause.takeFrom(this.current, how, ++this.handOvers);
    return cause;
  }

  /**
   * Runs `body` at once in `context`, caused by the current one: a VMCALL exit, an interrupt. Without `how` the
   * context keeps the cause it has. A context that got stuck in `body` stays so.
   */
  runIn<T>(context: Context, how: HandOverKind | undefined, body: () => T): T {
    const caller = this.current;
    const state = context.state;
    if (how !== undefined) {
      this.setCause(context, how);
      context.calledAt = this.handOvers;
    }
    context.state = "running";
    this.current = context;
    try {
      return body();
    } finally {
      if ((context.state as ContextState) !== "stuck") context.state = state;
      this.current = caller;
    }
  }
}
