import type { HostFile } from "../doors/host.ts";
import type { Watcher } from "../doors/kernel.ts";
import { EAGAIN, EBADF, EPIPE } from "../util/errno.ts";
import { ByteRing } from "./byte-ring.ts";
import { EndOfFile } from "./end-of-file.ts";

/** Memory of a two-way connection between the machine's thread and its owner; goes to the worker in `workerData`. */
export interface ByteRingPair {
  readonly hostToGuest: SharedArrayBuffer;
  readonly guestToHost: SharedArrayBuffer;
}

/** `capacity` in bytes, each way, a power of two. */
export function createByteRingPair(capacity = 64 * 1024): ByteRingPair {
  return { hostToGuest: ByteRing.allocate(capacity), guestToHost: ByteRing.allocate(capacity) };
}

/** Told while the machine's thread stands still because the owner does not take the guest's output. */
export interface FlowControl {
  /** The wait begins; virtual time may stop here. */
  blocked?(): void;
  /** Called now and then during the wait, to answer a debugger. */
  waiting?(): void;
  /** The wait is over. */
  released?(): void;
}

/** Milliseconds between two calls of FlowControl.waiting. */
const WAITING_INTERVAL = 20;
/** Milliseconds until input that nobody could take is offered again. */
const DEFER_INTERVAL = 10;

/**
 * The machine's end of a connection to its owner: acrn-dm's file descriptor 0 and the workbench's own ports.
 *
 * acrn-dm drops what a short write or EAGAIN leaves over. Here a write waits instead until the owner has taken the
 * bytes, and the guest waits with it: the flow control that lets the terminal of this product lose nothing.
 */
export class ChannelFile implements HostFile {
  readonly isTty: boolean;
  readonly #in: ByteRing;
  readonly #out: ByteRing;
  readonly #flow: FlowControl;
  readonly #end = new EndOfFile(() => this.#watcher?.onReadable(this));
  #watcher: Watcher | undefined;
  #listening = false;
  #deferred: NodeJS.Timeout | undefined;
  #closed = false;

  /** `isTty`: whether acrn-dm is to take it for a terminal; it watches only terminals for input. */
  constructor(pair: ByteRingPair, flow: FlowControl = {}, isTty = true) {
    this.#in = new ByteRing(pair.hostToGuest);
    this.#out = new ByteRing(pair.guestToHost);
    this.#flow = flow;
    this.isTty = isTty;
  }

  get readable(): boolean {
    if (this.#closed || this.#deferred !== undefined) return false;
    return this.#in.used > 0 || (this.#in.writerClosed && this.#end.due);
  }

  get watcher(): Watcher | undefined {
    return this.#watcher;
  }

  set watcher(watcher: Watcher | undefined) {
    this.#watcher = watcher;
    this.#listen();
  }

  read(into: Uint8Array): number {
    if (this.#closed) return -EBADF;
    // Asked before the read: what comes before the end is read first.
    const ended = this.#in.writerClosed;
    const count = this.#in.read(into);
    if (count === 0 && into.length > 0 && ended) return this.#end.reached(0);
    if (this.#in.used === 0) this.#listen();
    return count > 0 || into.length === 0 ? count : -EAGAIN;
  }

  write(from: Uint8Array): number {
    if (this.#closed) return -EBADF;
    let done = this.#out.readerClosed ? 0 : this.#out.write(from);
    if (done < from.length) {
      this.#flow.blocked?.();
      try {
        while (done < from.length && !this.#out.readerClosed) {
          if (!this.#out.waitForSpace(WAITING_INTERVAL)) this.#flow.waiting?.();
          done += this.#out.write(from, done);
        }
      } finally {
        this.#flow.released?.();
      }
    }
    return done === 0 && from.length > 0 ? -EPIPE : done;
  }

  defer(): boolean {
    this.#deferred ??= setTimeout(() => {
      this.#deferred = undefined;
      this.#watcher?.onReadable(this);
    }, DEFER_INTERVAL);
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#deferred);
    this.#watcher = undefined;
    this.#end.close();
    this.#in.closeReader();
    this.#out.closeWriter();
  }

  /** Has the watcher told when data comes. One wait at a time. */
  #listen(): void {
    if (this.#listening || this.#closed || this.#watcher === undefined || this.#end.seen) return;
    this.#listening = true;
    void this.#in.whenData().then(() => {
      this.#listening = false;
      if (!this.#closed) this.#watcher?.onReadable(this);
    });
  }
}
