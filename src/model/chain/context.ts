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
  /** The body as far as it has come. */
  #running: Generator<void, void, void> | undefined;
  /** Driven from outside instead of by a body: a vCPU by its engine, the boot sequence. */
  readonly external: boolean;

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
    let done: boolean | undefined = true;
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
}

function framesOf(stations: readonly (Station | undefined)[], args: readonly unknown[], depth: number): Frame[] {
  const frames: Frame[] = [];
  for (let i = 0; i < depth; i++) {
    const station = stations[i];
    if (station !== undefined) frames.push({ station, depth: i, args: args.slice(i * ARGS, i * ARGS + ARGS) });
  }
  return frames;
}
