import { StateError } from "../inspect/saved-state.ts";
import { declareState, derived, first, hidden, part, plain, seen, wiring } from "../inspect/state.ts";
import type { ContextKind } from "./context-kinds.ts";
import type { HandOverKind } from "./hand-over-kinds.ts";
import type { Station } from "./station.ts";

/** Deepest stack a context may have; the real chain needs about 20. */
export const MAX_DEPTH = 64;
const ARGS = 4;

/** `stuck`: a vCPU that waits for something nobody is left to do. */
export type ContextState = "runnable" | "running" | "blocked" | "stuck" | "done";

/** One open function of a context. */
export interface Frame {
  readonly station: Station;
  readonly depth: number;
  /** The arguments it was entered with. */
  readonly args: readonly unknown[];
}

/**
 * Who made a context runnable: a copy of the waker's stack at that moment.
 * Causes are recycled; a reference is alive while `seq` is what it was when it was taken.
 */
export class Cause {
  static readonly state = declareState<Cause>(
    "chain.Cause",
    {
      seq: plain,
      serial: plain,
      how: plain,
      context: plain,
      depth: plain,
      stations: first(part, ({ depth }: Cause) => depth),
      args: first(seen, ({ depth }: Cause) => depth * ARGS),
      hop: derived,
      "#parent": hidden(
        plain,
        (cause: Cause) => cause.#parent,
        (cause, parent) => (cause.#parent = parent),
      ),
      "#parentSeq": hidden(
        plain,
        (cause: Cause) => cause.#parentSeq,
        (cause, seq) => (cause.#parentSeq = seq),
      ),
    },
    {
      restored: (cause) => {
        cause.hop = -1;
      },
    },
  );
  seq = 0;
  /** Number of the hand-over, counted over the whole chain. */
  serial = 0;
  how: HandOverKind = "start";
  context: Context | undefined;
  depth = 0;
  readonly stations: (Station | undefined)[] = new Array(MAX_DEPTH).fill(undefined);
  readonly args: unknown[] = new Array(MAX_DEPTH * ARGS).fill(undefined);
  /** Hop of the waker's innermost frame while recording, else -1. */
  hop = -1;
  #parent: Cause | undefined;
  #parentSeq = 0;

  /** The waker's frames, outermost first. */
  frames(): Frame[] {
    return framesOf(this.stations, this.args, this.depth);
  }

  /** The cause of the waker itself; undefined at the root and where it has been recycled since. */
  get parent(): Cause | undefined {
    return this.#parent?.seq === this.#parentSeq ? this.#parent : undefined;
  }

  /** Becomes a copy of what `waker` is doing now. */
  takeFrom(waker: Context, how: HandOverKind, serial: number): void {
    this.seq++;
    this.serial = serial;
    this.how = how;
    this.context = waker;
    this.depth = waker.depth;
    for (let i = 0; i < waker.depth; i++) this.stations[i] = waker.stations[i];
    for (let i = 0; i < waker.depth * ARGS; i++) this.args[i] = waker.args[i];
    this.hop = waker.depth > 0 ? waker.hops[waker.depth - 1] : -1;
    this.#parent = waker.cause;
    this.#parentSeq = this.#parent?.seq ?? 0;
  }
}

/** What a thread does for its owner: yields when it blocks, and is resumed after somebody woke it. */
export type ThreadBody<T> = (owner: T) => Generator<void, void, void>;

export interface ContextOptions<T = undefined> {
  readonly name: string;
  readonly kind: ContextKind;
  /** Without a body it is driven from outside. */
  readonly body?: ThreadBody<T>;
  readonly owner?: T;
}

/**
 * A thread, interrupt or vCPU of the real chain, with the stack of stations it is in.
 * The stack is always kept, in preallocated arrays, so that a debugger that looks late still sees it whole.
 */
export class Context {
  static readonly state = declareState<Context>(
    "chain.Context",
    {
      id: plain,
      name: plain,
      kind: plain,
      state: plain,
      waitingFor: plain,
      wokenAt: plain,
      depth: plain,
      stations: first(part, ({ depth }: Context) => depth),
      // Those of a body are pushed again; of a context without one they are all there is.
      args: first(seen, ({ depth }: Context) => depth * ARGS),
      hops: derived,
      calledAt: plain,
      handOver: plain,
      "#cause": hidden(
        plain,
        (context: Context) => context.#cause,
        (context, cause) => (context.#cause = cause),
      ),
      "#causeSeq": hidden(
        plain,
        (context: Context) => context.#causeSeq,
        (context, seq) => (context.#causeSeq = seq),
      ),
      body: plain,
      owner: plain,
      begun: plain,
      "#running": derived,
      external: plain,
      parked: plain,
      polls: plain,
      goOn: wiring,
    },
    {
      make: (field) =>
        new Context(field("id") as number, {
          name: field("name") as string,
          kind: field("kind") as ContextKind,
        }),
      busy: ({ name, state, external }) => (state === "running" && !external ? `${name} is running` : undefined),
      restored: (context) => {
        context.hops.fill(-1);
      },
    },
  );
  readonly id: number;
  name: string;
  readonly kind: ContextKind;
  state: ContextState = "blocked";
  /** What a blocked context waits for, for people. */
  waitingFor = "";
  /** Scheduler order: the number of the wake that made it runnable. */
  wokenAt = 0;
  depth = 0;
  readonly stations: (Station | undefined)[] = new Array(MAX_DEPTH).fill(undefined);
  readonly args: unknown[] = new Array(MAX_DEPTH * ARGS).fill(undefined);
  /** Hop number of each open frame while recording, -1 where it was entered before. */
  readonly hops = new Float64Array(MAX_DEPTH).fill(-1);
  /** Serial of the hand-over that began what it does now, for a context that is called: a VM exit, a VMCALL. */
  calledAt = 0;
  /** Set by a wake, cleared by the first hop after it: that hop gets the cause. */
  handOver = false;
  #cause: Cause | undefined;
  #causeSeq = 0;
  /** Undefined for a context without a body, and once the body has ended. */
  body: ThreadBody<unknown> | undefined;
  readonly owner: unknown;
  /** The body has run up to its first wait. */
  begun = false;
  /** The body as far as it has come. */
  #running: Generator<void, void, void> | undefined;
  /** Driven from outside instead of by a body: a vCPU by its engine, the boot sequence. */
  readonly external: boolean;
  /** Driven from outside, and it waits in the middle of what it does: its open frames are all there is of that. */
  parked = false;
  /** It does not wait to be woken, but looks again and again when nobody else runs. */
  polls = false;
  /** Goes on with what is parked; for contexts that park. */
  goOn: (() => void) | undefined;

  constructor(id: number, options: ContextOptions<unknown>) {
    this.id = id;
    this.name = options.name;
    this.kind = options.kind;
    this.body = options.body;
    this.owner = options.owner;
    this.#running = options.body?.(options.owner);
    this.external = options.body === undefined;
  }

  /** Who woke it last, while that is still known. */
  get cause(): Cause | undefined {
    return this.#cause?.seq === this.#causeSeq ? this.#cause : undefined;
  }

  set cause(cause: Cause | undefined) {
    this.#cause = cause;
    this.#causeSeq = cause?.seq ?? 0;
  }

  /** Runs until it blocks or ends. Only the scheduler calls this. */
  resume(): void {
    if (this.parked) {
      this.goOn?.();
      return;
    }
    let done: boolean | undefined = true;
    this.begun = true;
    try {
      done = this.#running?.next().done;
    } finally {
      if (done === true) {
        this.#running = undefined;
        this.body = undefined;
        this.state = "done";
      }
    }
  }

  /**
   * Begins the body again, up to the place where it waited when its state was saved: a body does nothing between its top
   * and its first wait that its state does not say is done. Only the chain calls this, while it is `remaking`.
   */
  remake(): void {
    const { depth, state, waitingFor } = this;
    this.#running = this.body?.(this.owner);
    if (this.#running === undefined || !this.begun) return;
    this.depth = 0;
    this.#running.next();
    if (this.depth !== depth) {
      throw new StateError(`${this.name} waits ${this.depth} functions deep, and was ${depth} deep when it was saved`);
    }
    this.state = state;
    this.waitingFor = waitingFor;
  }

  /** Open frames, outermost first. */
  frames(): Frame[] {
    return framesOf(this.stations, this.args, this.depth);
  }

  /** The innermost frame. */
  top(): Frame | undefined {
    const depth = this.depth - 1;
    const station = this.stations[depth];
    if (depth < 0 || station === undefined) return undefined;
    return { station, depth, args: this.args.slice(depth * ARGS, depth * ARGS + ARGS) };
  }

  /** The function that has called the innermost one. */
  get caller(): Station | undefined {
    return this.stations[this.depth - 2];
  }

  push(station: Station, a: unknown, b: unknown, c: unknown, d: unknown): void {
    const at = this.depth;
    if (at >= MAX_DEPTH) throw new RangeError(`context ${this.name}: more than ${MAX_DEPTH} open functions`);
    this.stations[at] = station;
    const args = this.args;
    args[at * ARGS] = a;
    args[at * ARGS + 1] = b;
    args[at * ARGS + 2] = c;
    args[at * ARGS + 3] = d;
    this.hops[at] = -1;
    this.depth = at + 1;
  }

  pop(): void {
    this.depth--;
  }

  /** An argument of an open frame, by its number. */
  argument(depth: number, number: number): unknown {
    return this.args[depth * ARGS + number];
  }
}

function framesOf(stations: readonly (Station | undefined)[], args: readonly unknown[], depth: number): Frame[] {
  const frames: Frame[] = [];
  for (let i = 0; i < depth; i++) {
    const station = stations[i];
    if (station !== undefined) frames.push({ station, depth: i, args: args.slice(i * ARGS, i * ARGS + ARGS) });
  }
  return frames;
}
