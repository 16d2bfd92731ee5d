import { OutputFilter } from "./output-filter.ts";

/** Asks the terminal for a sign of life (DSR, ECMA-48 8.3.35), and its answer. It comes when all before it was shown. */
const REQUEST = "\x1b[5n";
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with ESC
const ANSWER = /\x1b\[0n/g;

/** Bytes after which the terminal is asked how far it is; a quarter of what the guest may be ahead. */
const STRIDE = 16 * 1024;
/** Bytes after which nobody waits for the end of a sequence that does not end. */
const HOPELESS = 3 * STRIDE;

export interface FlowEnds {
  /** Shows text in the terminal. */
  write(text: string): void;
  /** That many bytes of the guest's output have been shown: the guest may send as many more. */
  acknowledge(bytes: number): void;
}

/**
 * Output on its way from the guest to a terminal that never says how much of it it has shown: VS Code has no flow control
 * for terminals of extensions. So the terminal is asked in its own language, and the guest waits for the answers.
 */
export class OutputFlow {
  readonly #ends: FlowEnds;
  readonly #filter = new OutputFilter();
  readonly #decoder = new TextDecoder();
  /** Answers that will come, in order: bytes they acknowledge, or undefined if the guest has asked. */
  #expected: (number | undefined)[] = [];
  #unasked = 0;
  #open = false;

  constructor(ends: FlowEnds) {
    this.#ends = ends;
  }

  /** Somebody shows what is written from now on. */
  open(): void {
    this.#open = true;
  }

  /** Nobody does any more: what was on its way counts as shown, and what comes too. */
  close(): void {
    this.#open = false;
    const rest = this.#expected.reduce<number>((sum, bytes) => sum + (bytes ?? 0), this.#unasked);
    this.#expected = [];
    this.#unasked = 0;
    if (rest > 0) this.#ends.acknowledge(rest);
  }

  /** Takes output and returns it as it is shown. */
  push(bytes: Uint8Array): string {
    const text = this.#filter.filter(this.#decoder.decode(bytes, { stream: true }));
    if (!this.#open) {
      this.#ends.acknowledge(bytes.length);
      return text;
    }
    for (let count = 0; count < this.#filter.statusRequests; count++) this.#expected.push(undefined);
    this.#unasked += bytes.length;
    if (this.#unasked >= STRIDE && this.#filter.atGround) {
      this.#expected.push(this.#unasked);
      this.#unasked = 0;
      this.#ends.write(text + REQUEST);
    } else {
      this.#ends.write(text);
      if (this.#unasked >= HOPELESS) {
        this.#ends.acknowledge(this.#unasked);
        this.#unasked = 0;
      }
    }
    return text;
  }

  /** Takes what the terminal sends and returns what of it is for the guest. */
  typed(text: string): string {
    if (this.#expected.length === 0) return text;
    return text.replace(ANSWER, (answer) => {
      if (this.#expected.length === 0) return answer;
      const bytes = this.#expected.shift();
      if (bytes === undefined) return answer;
      this.#ends.acknowledge(bytes);
      return "";
    });
  }
}
