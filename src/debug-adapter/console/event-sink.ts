import { CONSOLE_WINDOW, STDIO_PORT } from "../protocol.ts";
import { RequestError } from "../request-error.ts";
import type { ConsoleSink } from "./hub.ts";

/** Bytes of one event. */
const CHUNK = 16 * 1024;

/** Output as `acrn/console` events, as far ahead as the window lets. */
export class EventSink implements ConsoleSink {
  readonly #send: (body: { port: string; data: string }) => void;
  #unacknowledged = 0;
  #acknowledged: (() => void) | undefined;
  #closed = false;

  constructor(send: (body: { port: string; data: string }) => void) {
    this.#send = send;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      while (this.#unacknowledged >= CONSOLE_WINDOW && !this.#closed) {
        await new Promise<void>((resolve) => {
          this.#acknowledged = resolve;
        });
      }
      if (this.#closed) return;
      const chunk = bytes.subarray(at, at + CHUNK);
      this.#unacknowledged += chunk.length;
      this.#send({ port: STDIO_PORT, data: Buffer.from(chunk).toString("base64") });
    }
  }

  acknowledge(bytes: number): void {
    if (bytes > this.#unacknowledged) {
      throw new RequestError(`acrn/consoleAck: ${bytes} bytes, but only ${this.#unacknowledged} are unacknowledged`);
    }
    this.#unacknowledged -= bytes;
    this.#acknowledged?.();
  }

  /** The client is gone: nothing waits for it any more. */
  close(): void {
    this.#closed = true;
    this.#acknowledged?.();
  }
}
