/// <reference lib="es2024.sharedmemory" />

/** 32-bit words before the data. */
const HEAD = 0; // bytes written so far, modulo 2^32
const TAIL = 1; // bytes read so far, modulo 2^32
const CLOSED = 2; // WRITER | READER
const DATA = 3; // grows when data or the end arrives; what a reader waits on
const SPACE = 4; // grows when room or the end arrives; what a writer waits on
/** How many wait on a word, so many words behind it: to notify nobody costs more than a few bytes do. */
const WAITERS = 2;
const HEADER_BYTES = 64;

const WRITER = 1;
const READER = 2;

/**
 * A ring of bytes between two threads, one writer and one reader, in a SharedArrayBuffer. Nothing is dropped: a write
 * takes what fits. Each side makes its own ByteRing over the same memory.
 */
export class ByteRing {
  readonly capacity: number;
  readonly #words: Int32Array;
  readonly #data: Uint8Array;

  /** Memory for a ring of `capacity` bytes, a power of two. */
  static allocate(capacity: number): SharedArrayBuffer {
    if (capacity < 2 || capacity > 2 ** 30 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`byte ring: capacity ${capacity}, expected a power of two from 2 to 2^30`);
    }
    return new SharedArrayBuffer(HEADER_BYTES + capacity);
  }

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.#data = new Uint8Array(memory, HEADER_BYTES);
    this.capacity = this.#data.length;
  }

  /** Bytes written and not read yet. */
  get used(): number {
    return (Atomics.load(this.#words, HEAD) - Atomics.load(this.#words, TAIL)) >>> 0;
  }

  get space(): number {
    return this.capacity - this.used;
  }

  get writerClosed(): boolean {
    return (Atomics.load(this.#words, CLOSED) & WRITER) !== 0;
  }

  get readerClosed(): boolean {
    return (Atomics.load(this.#words, CLOSED) & READER) !== 0;
  }

  get closed(): boolean {
    return Atomics.load(this.#words, CLOSED) !== 0;
  }

  /** Takes bytes of `from` beginning at `start`; returns how many. */
  write(from: Uint8Array, start = 0): number {
    const head = Atomics.load(this.#words, HEAD);
    const count = Math.min(from.length - start, this.space);
    if (count <= 0) return 0;
    const at = head & (this.capacity - 1);
    const first = Math.min(count, this.capacity - at);
    copy(from, start, this.#data, at, first);
    copy(from, start + first, this.#data, 0, count - first);
    Atomics.store(this.#words, HEAD, (head + count) | 0);
    this.#signal(DATA);
    return count;
  }

  /** Fills `into` from its start; returns how many bytes. */
  read(into: Uint8Array): number {
    const tail = Atomics.load(this.#words, TAIL);
    const count = Math.min(into.length, this.used);
    if (count === 0) return 0;
    const at = tail & (this.capacity - 1);
    const first = Math.min(count, this.capacity - at);
    copy(this.#data, at, into, 0, first);
    copy(this.#data, 0, into, first, count - first);
    Atomics.store(this.#words, TAIL, (tail + count) | 0);
    this.#signal(SPACE);
    return count;
  }

  /** No more is written: the reader gets what is left, then the end. */
  closeWriter(): void {
    this.#close(WRITER);
  }

  /** No more is read: whoever waits for space goes on. */
  closeReader(): void {
    this.#close(READER);
  }

  /** Blocks this thread until there is room or either side is gone, at most `ms`; false when the time is up. */
  waitForSpace(ms = Number.POSITIVE_INFINITY): boolean {
    Atomics.add(this.#words, SPACE + WAITERS, 1);
    try {
      const seen = Atomics.load(this.#words, SPACE);
      if (this.space > 0 || this.closed) return true;
      return Atomics.wait(this.#words, SPACE, seen, ms) !== "timed-out";
    } finally {
      Atomics.sub(this.#words, SPACE + WAITERS, 1);
    }
  }

  /** Resolves when there is something to read or either side is gone. */
  whenData(): Promise<void> {
    return this.#when(DATA, () => this.used > 0);
  }

  /** Resolves when there is room or either side is gone. */
  whenSpace(): Promise<void> {
    return this.#when(SPACE, () => this.space > 0);
  }

  async #when(word: number, there: () => boolean): Promise<void> {
    // Counted before the look: whoever writes after it sees the count.
    Atomics.add(this.#words, word + WAITERS, 1);
    try {
      for (;;) {
        const seen = Atomics.load(this.#words, word);
        if (there() || this.closed) return;
        await Atomics.waitAsync(this.#words, word, seen).value;
      }
    } finally {
      Atomics.sub(this.#words, word + WAITERS, 1);
    }
  }

  #close(side: number): void {
    Atomics.or(this.#words, CLOSED, side);
    this.#signal(DATA);
    this.#signal(SPACE);
  }

  #signal(word: number): void {
    Atomics.add(this.#words, word, 1);
    if (Atomics.load(this.#words, word + WAITERS) > 0) Atomics.notify(this.#words, word);
  }
}

/** `set(subarray())` makes an object for each call, which costs more than it saves on a console's few bytes. */
const FEW = 256;

function copy(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, count: number): void {
  if (count > FEW) to.set(from.subarray(fromAt, fromAt + count), toAt);
  else for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i];
}
