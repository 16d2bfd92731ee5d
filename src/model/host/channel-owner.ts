import { setImmediate, setTimeout } from "node:timers/promises";
import { ByteRing } from "./byte-ring.ts";
import type { ByteRingPair } from "./channel-file.ts";

/** Takes the guest's output. While a promise it returned is pending nothing more is taken, and the guest waits. */
export type OnData = (bytes: Uint8Array) => unknown;

const GATHER_MS = 2;

/** The owner's end of a ChannelFile: runs on the thread that holds the real terminal. */
export class ChannelOwner {
  readonly #toGuest: ByteRing;
  readonly #fromGuest: ByteRing;
  readonly #onData: OnData;
  readonly #pumping: Promise<void>;
  #sending: Promise<boolean> = Promise.resolve(true);
  #ending = false;

  /** Begins to take output at once. If `onData` fails, the channel is closed and `finish()` rejects with its error. */
  constructor(pair: ByteRingPair, onData: OnData) {
    this.#toGuest = new ByteRing(pair.hostToGuest);
    this.#fromGuest = new ByteRing(pair.guestToHost);
    this.#onData = onData;
    this.#pumping = this.#pump();
    // Reported by finish(); must not end the process before somebody calls it.
    this.#pumping.catch(() => this.close());
  }

  /**
   * Input for the guest, after all that was sent before. Resolves when the guest's side holds all of it, to false
   * when the channel was closed first. `bytes` must not change until then.
   */
  send(bytes: Uint8Array): Promise<boolean> {
    this.#sending = this.#sending.then(() => this.#put(bytes));
    return this.#sending;
  }

  /** The end of the input: the guest's side reads what was sent, then an end of file. */
  async end(): Promise<void> {
    await this.#sending;
    this.#toGuest.closeWriter();
  }

  /** After the machine has ended: hands over the output that is left, then closes. */
  async finish(): Promise<void> {
    this.#ending = true;
    // Wakes the pump; output that is already there can still be read.
    this.#fromGuest.closeWriter();
    try {
      await this.#pumping;
    } finally {
      this.close();
    }
  }

  /** Drops what is left. A machine that waits for room goes on and finds the channel closed. */
  close(): void {
    this.#ending = true;
    this.#fromGuest.closeReader();
    this.#fromGuest.closeWriter();
    this.#toGuest.closeWriter();
    this.#toGuest.closeReader();
  }

  async #put(bytes: Uint8Array): Promise<boolean> {
    let done = this.#toGuest.write(bytes);
    while (done < bytes.length) {
      if (this.#toGuest.readerClosed) return false;
      await this.#toGuest.whenSpace();
      done += this.#toGuest.write(bytes, done);
    }
    return !this.#toGuest.readerClosed;
  }

  async #pump(): Promise<void> {
    const buffer = new Uint8Array(this.#fromGuest.capacity);
    while (!this.#fromGuest.readerClosed) {
      // Asked before the read: what comes before the end is read first.
      const ended = this.#ending || this.#fromGuest.writerClosed;
      const count = this.#fromGuest.read(buffer);
      if (count > 0) {
        await this.#onData(buffer.slice(0, count));
        // A guest that writes without pause must neither keep this thread from its other work nor wake it for each byte:
        // to wake a thread costs the guest's more than to write does. One that writes much fills the ring meanwhile.
        await (count < buffer.length / 2 ? setTimeout(GATHER_MS) : setImmediate());
      } else if (ended) {
        return;
      } else {
        await this.#fromGuest.whenData();
      }
    }
  }
}
