import { declareState, wiring } from "../inspect/state.ts";
import type { Context } from "./context.ts";
import { MAX_VALUES, type Station } from "./station.ts";

/** One entered function, as recorded. */
export interface Hop {
  /** Number of the hop since recording began on this machine. */
  readonly index: number;
  readonly station: Station;
  readonly context: Context;
  readonly depth: number;
  /** Virtual nanoseconds since the machine was made. */
  readonly timeNs: number;
  /** Index of the hop that handed over to this context, or -1. */
  readonly cause: number;
  /** Index of the hop this one was called from, in the same context, or -1. */
  readonly caller: number;
  /** The frame was already open when the hand-over woke its context. */
  readonly resumed: boolean;
  /** The station's values by name; none for a resumed frame, which was entered earlier with others. */
  readonly values: Readonly<Record<string, number>>;
}

const HEAD = 5;
const WORDS = HEAD + MAX_VALUES;

/** The last `capacity` hops, as numbers in preallocated memory. */
export class Recorder {
  // What was recorded is no part of the machine.
  static readonly state = declareState<Recorder>("chain.Recorder", {
    capacity: wiring,
    next: wiring,
    "#mask": wiring,
    "#numbers": wiring,
    "#time": wiring,
    "#stations": wiring,
    "#contexts": wiring,
  });
  readonly capacity: number;
  readonly #mask: number;
  readonly #numbers: Float64Array;
  readonly #time = new Float64Array(1);
  readonly #stations: (Station | undefined)[];
  readonly #contexts: (Context | undefined)[];
  /** Index of the next hop; hops older than `next - capacity` are gone. */
  next = 0;

  /** `capacity`: a power of two. */
  constructor(capacity = 16_384) {
    if (capacity < 1 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`recorder: capacity ${capacity}, expected a power of two`);
    }
    this.capacity = capacity;
    this.#mask = capacity - 1;
    this.#numbers = new Float64Array(capacity * WORDS);
    this.#stations = new Array(capacity).fill(undefined);
    this.#contexts = new Array(capacity).fill(undefined);
  }

  /** Index of the oldest hop still held. */
  get first(): number {
    return Math.max(0, this.next - this.capacity);
  }

  /** Time of the hops added from now on, in virtual milliseconds. */
  set time(milliseconds: number) {
    this.#time[0] = milliseconds;
  }

  /**
   * Adds an open frame of `context`, which remembers the hop's index. Its values, if it shows any, have to be set.
   * Takes what it can from arrays: a number with a fraction costs an object each time it is handed to a function.
   */
  add(station: Station, context: Context, depth: number, cause: number, resumed: boolean): void {
    const index = this.next++;
    const slot = index & this.#mask;
    this.#stations[slot] = station;
    this.#contexts[slot] = context;
    const at = slot * WORDS;
    const numbers = this.#numbers;
    numbers[at] = depth;
    numbers[at + 1] = this.#time[0];
    numbers[at + 2] = cause;
    numbers[at + 3] = depth > 0 ? context.hops[depth - 1] : -1;
    numbers[at + 4] = resumed ? 1 : 0;
    context.hops[depth] = index;
  }

  /** Sets the values of the hop added last. */
  setValues(a: number, b: number, c: number, d: number, e: number, f: number): void {
    const at = ((this.next - 1) & this.#mask) * WORDS + HEAD;
    const numbers = this.#numbers;
    numbers[at] = a;
    numbers[at + 1] = b;
    numbers[at + 2] = c;
    numbers[at + 3] = d;
    numbers[at + 4] = e;
    numbers[at + 5] = f;
  }

  /** The hop of that index, or undefined when it has been overwritten or never was. */
  get(index: number): Hop | undefined {
    if (index < this.first || index >= this.next) return undefined;
    const slot = index & this.#mask;
    const station = this.#stations[slot];
    const context = this.#contexts[slot];
    if (station === undefined || context === undefined) return undefined;
    const at = slot * WORDS;
    const numbers = this.#numbers;
    const resumed = numbers[at + 4] === 1;
    const values: Record<string, number> = {};
    let word = at + HEAD;
    if (!resumed) for (const name of Object.keys(station.values)) values[name] = numbers[word++];
    return {
      index,
      station,
      context,
      depth: numbers[at],
      timeNs: Math.round(numbers[at + 1] * 1e6),
      cause: numbers[at + 2],
      caller: numbers[at + 3],
      resumed,
      values,
    };
  }

  /** Takes over the hops from `from` up to and without `to`, under their numbers, as far as they are held and fit. */
  copy(source: Recorder, from: number, to: number): void {
    this.next = to;
    for (let index = Math.max(from, source.first, to - this.capacity); index < to; index++)
      this.#take(source, index, index);
  }

  /** Adds the hops from `from` up to and without `to`, under numbers of its own; returns the first of them. */
  append(source: Recorder, from: number, to: number): number {
    const first = this.next;
    for (let index = from; index < to; index++) this.#take(source, index, this.next++);
    return first;
  }

  #take(source: Recorder, from: number, to: number): void {
    const slot = to & this.#mask;
    const other = from & source.#mask;
    this.#stations[slot] = source.#stations[other];
    this.#contexts[slot] = source.#contexts[other];
    for (let word = 0; word < WORDS; word++) {
      this.#numbers[slot * WORDS + word] = source.#numbers[other * WORDS + word];
    }
  }

  /** Hops from index `from` on, oldest first. */
  since(from: number): Hop[] {
    const hops: Hop[] = [];
    for (let i = Math.max(from, this.first); i < this.next; i++) {
      const hop = this.get(i);
      if (hop !== undefined) hops.push(hop);
    }
    return hops;
  }

  /** How often each station was entered, in the hops from index `from` on that are still held. */
  countsSince(from: number): Map<Station, number> {
    const counts = new Map<Station, number>();
    for (let index = Math.max(from, this.first); index < this.next; index++) {
      const slot = index % this.capacity;
      const station = this.#stations[slot];
      if (station === undefined || this.#numbers[slot * WORDS + 4] === 1) continue;
      counts.set(station, (counts.get(station) ?? 0) + 1);
    }
    return counts;
  }
}
