import type { HostFile } from "../doors/host.ts";
import type { Watcher } from "../doors/kernel.ts";
import { declareState, derived, plain, wiring } from "../inspect/state.ts";
import { concat } from "./bytes.ts";
import { EAGAIN } from "./errno.ts";

const TAIL = 16;
const LATIN1 = new TextDecoder("latin1");

/** Reads what is written to a CollectorFile. */
export interface Collector {
  /** Called after each write. */
  written(file: CollectorFile): void;
}

/**
 * A file that keeps what is written to it, up to a limit: the program's own end of a named console port. What the
 * program sends can be read from it. Beyond the limit bytes are taken and dropped, so that a guest that writes on is not held up.
 */
export class CollectorFile implements HostFile {
  static readonly state = declareState<CollectorFile>("util.CollectorFile", {
    isTty: wiring,
    watcher: derived,
    limit: wiring,
    collector: wiring,
    parts: plain,
    tail: plain,
    unread: plain,
    length: plain,
  });
  readonly isTty = false;
  watcher: Watcher | undefined;
  readonly limit: number;
  readonly collector: Collector | undefined;
  parts: Uint8Array[] = [];
  /** The end of what was written. */
  tail = "";
  /** What was sent and not read yet. */
  unread = new Uint8Array(0);
  /** Bytes kept. */
  length = 0;

  constructor(limit: number, collector?: Collector) {
    this.limit = limit;
    this.collector = collector;
  }

  get readable(): boolean {
    return this.unread.length > 0;
  }

  read(into: Uint8Array): number {
    const count = Math.min(into.length, this.unread.length);
    into.set(this.unread.subarray(0, count));
    this.unread = this.unread.subarray(count);
    return count > 0 ? count : -EAGAIN;
  }

  /** Gives the reader these bytes, in place of those it has not read yet. */
  send(bytes: Uint8Array): void {
    this.unread = bytes.slice();
    this.watcher?.onReadable(this);
  }

  write(from: Uint8Array): number {
    const room = Math.min(from.length, this.limit - this.length);
    if (room > 0) {
      this.parts.push(from.slice(0, room));
      this.length += room;
      this.tail = (this.tail + LATIN1.decode(from.subarray(Math.max(0, room - TAIL), room))).slice(-TAIL);
    }
    this.collector?.written(this);
    return from.length;
  }

  close(): void {
    this.parts = [];
    this.length = 0;
    this.unread = new Uint8Array(0);
  }

  /** Whether what was written last is `text`, in however many pieces; at most {@link TAIL} bytes. */
  endsWith(text: string): boolean {
    return this.tail.endsWith(text);
  }

  text(): string {
    return LATIN1.decode(concat(this.parts, this.length));
  }
}
