import type { ConsoleSink } from "../../owner/console-hub.ts";
import { CONSOLE_WINDOW, type ConsoleOutput, STDIO_PORT } from "../protocol.ts";
import { RequestError } from "../request-error.ts";

/** Bytes of one event. */
const CHUNK = 16 * 1024;
/**
 * A guest may write a few bytes at a time, thousands of times a second; an event costs its client much more. About as often as
 * a screen can change.
 */
const GATHER_MS = 15;

/** Output as `acrn/console` events, as far ahead as the window lets. What comes after a pause is sent at once. */
export class EventSink implements ConsoleSink {
  readonly #send: (body: ConsoleOutput) => void;
  readonly #gathered = Buffer.allocUnsafe(CHUNK);
  #length = 0;
  /** Bytes the guest had written before what comes next. */
  #offset = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastSent = -Infinity;
  /** Bytes that have been sent, or will be, and are not acknowledged. */
  #unacknowledged = 0;
  /** Those of them that have been sent. */
  #sent = 0;
  #acknowledged: (() => void) | undefined;
  #closed = false;
  /** Counts the machines whose output this is; what an older one still wants to write comes too late. */
  #machine = 0;

  constructor(send: (body: ConsoleOutput) => void) {
    this.#send = send;
  }

  /** Tells that this client has the console, before there is any output. `offset`: bytes the guest has written. */
  begin(offset: number): void {
    this.#flush();
    this.#machine++;
    this.#acknowledged?.();
    this.#offset = offset;
    this.#send({ port: STDIO_PORT, data: "", offset });
  }

  async write(bytes: Uint8Array, offset: number): Promise<Uint8Array | undefined> {
    const machine = this.#machine;
    const isOver = (): boolean => this.#closed || this.#machine !== machine;
    this.#offset = offset;
    for (let at = 0; at < bytes.length; ) {
      while (this.#unacknowledged >= CONSOLE_WINDOW && !isOver()) {
        this.#flush();
        await new Promise<void>((resolve) => {
          this.#acknowledged = resolve;
        });
      }
      if (isOver()) return bytes.subarray(at);
      const part = bytes.subarray(at, at + CHUNK - this.#length);
      this.#gathered.set(part, this.#length);
      this.#length += part.length;
      this.#unacknowledged += part.length;
      this.#offset += part.length;
      at += part.length;
      if (this.#length === CHUNK) this.#flush();
    }
    if (this.#length === 0 || this.#timer !== undefined) return undefined;
    const wait = this.#lastSent + GATHER_MS - Date.now();
    if (wait <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), wait);
    return undefined;
  }

  acknowledge(bytes: number): void {
    if (bytes > this.#sent) {
      throw new RequestError(`acrn/consoleAck: ${bytes} bytes, but only ${this.#sent} are unacknowledged`);
    }
    this.#sent -= bytes;
    this.#unacknowledged -= bytes;
    this.#acknowledged?.();
  }

  /** The client is gone: nothing waits for it any more. */
  close(): void {
    this.#flush();
    this.#closed = true;
    this.#acknowledged?.();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#length === 0) return;
    this.#lastSent = Date.now();
    const data = this.#gathered.toString("base64", 0, this.#length);
    const offset = this.#offset - this.#length;
    this.#sent += this.#length;
    this.#length = 0;
    this.#send({ port: STDIO_PORT, data, offset });
  }
}
