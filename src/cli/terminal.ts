import type { ReadStream } from "node:tty";

const CTRL_A = 0x01;

/**
 * Takes the escape key out of what is typed: Ctrl-A x leaves, Ctrl-A Ctrl-A sends one Ctrl-A, Ctrl-A and anything
 * else sends both.
 */
export class EscapeFilter {
  #afterEscape = false;

  /** What goes to the guest, and whether the user wants to leave. */
  filter(typed: Uint8Array): { readonly bytes: Uint8Array; readonly leave: boolean } {
    const out: number[] = [];
    for (const byte of typed) {
      if (!this.#afterEscape) {
        if (byte === CTRL_A) this.#afterEscape = true;
        else out.push(byte);
        continue;
      }
      this.#afterEscape = false;
      if (byte === 0x78 || byte === 0x58) return { bytes: Uint8Array.from(out), leave: true };
      out.push(CTRL_A);
      if (byte !== CTRL_A) out.push(byte);
    }
    return { bytes: Uint8Array.from(out), leave: false };
  }
}

/** Switches a terminal to raw mode until `restore`. */
export class RawTerminal {
  readonly #stream: ReadStream;
  #raw = false;

  constructor(stream: ReadStream) {
    this.#stream = stream;
  }

  enter(): void {
    this.#stream.setRawMode(true);
    this.#raw = true;
  }

  restore(): void {
    if (!this.#raw) return;
    this.#raw = false;
    // The terminal may be gone (SIGHUP): then there is nothing to restore.
    if (!this.#stream.destroyed) this.#stream.setRawMode(false);
  }
}
