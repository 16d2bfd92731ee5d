import type { HostFile } from "../doors/host.ts";
import { EAGAIN } from "./errno.ts";

const TAIL = 16;
const LATIN1 = new TextDecoder("latin1");

/**
 * A file that keeps what is written to it, up to a limit: the program's own end of a named console port. It never has
 * anything to read. Beyond the limit bytes are taken and dropped, so that a guest that writes on is not held up.
 */
export class CollectorFile implements HostFile {
  readonly isTty = false;
  readonly readable = false;
  onReadable: (() => void) | undefined;
  readonly #limit: number;
  readonly #onBytes: (file: CollectorFile) => void;
  #parts: Uint8Array[] = [];
  #tail = "";
  /** Bytes kept. */
  length = 0;

  /** `onBytes` is called after each write. */
  constructor(limit: number, onBytes: (file: CollectorFile) => void) {
    this.#limit = limit;
    this.#onBytes = onBytes;
  }

  read(): number {
    return -EAGAIN;
  }

  write(from: Uint8Array): number {
    const room = Math.min(from.length, this.#limit - this.length);
    if (room > 0) {
      this.#parts.push(from.slice(0, room));
      this.length += room;
      this.#tail = (this.#tail + LATIN1.decode(from.subarray(Math.max(0, room - TAIL), room))).slice(-TAIL);
    }
    this.#onBytes(this);
    return from.length;
  }

  close(): void {
    this.#parts = [];
    this.length = 0;
  }

  /** Whether what was written last is `text`, in however many pieces; at most {@link TAIL} bytes. */
  endsWith(text: string): boolean {
    return this.#tail.endsWith(text);
  }

  text(): string {
    return LATIN1.decode(Buffer.concat(this.#parts));
  }
}
