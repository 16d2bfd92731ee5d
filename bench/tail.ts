import { atPrompt } from "../src/cli/guest-shell.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what escape sequences begin with
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]/g;
const KEPT = 1024;

/** The end of a console's output, and whether a shell waits there. Costs the same whatever has gone before. */
export class Tail {
  #text = "";
  /** Bytes seen in all. */
  bytes = 0;

  add(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    const end = bytes.length > KEPT ? bytes.subarray(bytes.length - KEPT) : bytes;
    this.#text = (this.#text + Buffer.from(end).toString("latin1")).slice(-KEPT);
  }

  clear(): void {
    this.#text = "";
  }

  get text(): string {
    return this.#text.replace(ESCAPES, "").replaceAll("\r", "");
  }

  get atPrompt(): boolean {
    return atPrompt(this.text);
  }
}
