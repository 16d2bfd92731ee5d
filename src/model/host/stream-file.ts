import type { Socket } from "node:net";
import type { HostFile } from "../doors/host.ts";
import type { Watcher } from "../doors/kernel.ts";
import { EAGAIN, EBADF, EINVAL, ENOTCONN, EPIPE } from "../util/errno.ts";
import { EndOfFile } from "./end-of-file.ts";
import { negativeErrno } from "./errno-map.ts";
import { writeFd } from "./fd-file.ts";

/** Node keeps the file descriptor of a stream here. */
interface WithHandle {
  readonly _handle: { readonly fd: number } | null;
}

/**
 * A terminal or socket whose input libuv reports. Input comes through Node's paused stream, which stops reading when
 * 16 to 64 KiB wait (Node's high-water mark); output goes straight to the file descriptor, so that its errno is the real one.
 */
export class StreamFile implements HostFile {
  readonly isTty: boolean;
  watcher: Watcher | undefined;
  readonly #stream: Socket;
  readonly #end = new EndOfFile(() => this.watcher?.onReadable(this));
  readonly #closed: (() => void) | undefined;
  /** Result of a read once the input has ended: 0 or a negative errno. */
  #ended: number | undefined;
  #connected: boolean;
  #open = true;

  /** Takes over `stream`, made with allowHalfOpen. `closed` runs when this file is closed. */
  constructor(stream: Socket, isTty: boolean, closed?: () => void) {
    this.isTty = isTty;
    this.#stream = stream;
    this.#closed = closed;
    this.#connected = !stream.connecting;
    stream.once("connect", () => {
      this.#connected = true;
    });
    stream.on("readable", () => {
      // Without data this is the end, which the stream tells only to who reads it.
      if (stream.readableLength === 0) stream.read();
      else this.watcher?.onReadable(this);
    });
    stream.on("end", () => this.#finish(0));
    // A connect() that failed leaves a socket that reads EINVAL and writes ENOTCONN.
    stream.on("error", (error) => this.#finish(this.#connected ? negativeErrno(error) : -EINVAL));
  }

  /** The descriptor libuv uses; -1 when it has closed it, which it does itself after an error. */
  get fd(): number {
    return (this.#stream as unknown as WithHandle)._handle?.fd ?? -1;
  }

  get readable(): boolean {
    if (!this.#open) return false;
    return this.#stream.readableLength > 0 || (this.#ended !== undefined && this.#end.due);
  }

  read(into: Uint8Array): number {
    if (!this.#open) return -EBADF;
    const count = Math.min(into.length, this.#stream.readableLength);
    if (count === 0) {
      if (into.length === 0) return 0;
      return this.#ended === undefined ? -EAGAIN : this.#end.reached(this.#ended);
    }
    into.set(this.#stream.read(count));
    // Goes on reading ahead, and learns of an end.
    if (this.#stream.readableLength === 0) this.#stream.read(0);
    return count;
  }

  write(from: Uint8Array): number {
    if (!this.#open) return -EBADF;
    const fd = this.fd;
    if (fd >= 0) return writeFd(fd, from);
    return this.#connected ? -EPIPE : -ENOTCONN;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.watcher = undefined;
    this.#end.close();
    this.#stream.destroy();
    this.#closed?.();
  }

  #finish(result: number): void {
    this.#ended ??= result;
    if (this.#open) this.watcher?.onReadable(this);
  }
}
