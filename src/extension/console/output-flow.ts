import { CONSOLE_WINDOW } from "../../debug-adapter/protocol.ts";
import { OutputFilter } from "../../shared/output-filter.ts";

/** Asks the terminal for a sign of life (DSR, ECMA-48 8.3.35), and its answer. It comes when all before it was shown. */
const REQUEST = "\x1b[5n";
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with ESC
const ANSWER = /\x1b\[0n/g;

/** Bytes the guest may be ahead of what is shown: to begin with, and at the least. At the most it is the adapter's window. */
const FIRST_LIMIT = 16 * 1024;
const LEAST_LIMIT = 2 * 1024;
/** A key takes as long to be answered as what is ahead of it takes to be shown: longer than this is too long, less leaves room. */
const SLOW_MS = 80;
const QUICK_MS = 30;
/** A terminal that is slow with few bytes is asked that often, when there are enough of them to be no typing. */
const ASK_MS = 50;
const ASK_BYTES = 256;

export interface FlowEnds {
  /** Shows text in the terminal. */
  write(text: string): void;
  /** The guest may send that many more bytes. */
  acknowledge(bytes: number): void;
  /** Milliseconds. */
  now(): number;
}

interface Question {
  /** Bytes that have been shown when it is answered. */
  readonly bytes: number;
  readonly askedAt: number;
}

/**
 * Output on its way from the guest to a terminal that never says how much of it it has shown: VS Code has no flow control
 * for terminals of extensions. So the terminal is asked in its own language, and the guest waits for the answers. How far
 * the guest may be ahead follows from how long they take.
 */
export class OutputFlow {
  readonly #ends: FlowEnds;
  #filter = new OutputFilter();
  #decoder = new TextDecoder();
  /** Answers that will come, in order; undefined if the guest has asked. */
  #expected: (Question | undefined)[] = [];
  #unasked = 0;
  #lastAsked: number;
  #limit = FIRST_LIMIT;
  /** Only a question that was asked since then tells whether the limit is still too high. */
  #lowered = -Infinity;
  /** Bytes that have been shown and are not acknowledged, so that of the adapter's window only the limit is left. */
  #held = 0;
  #open = false;

  /** `owed`: answers of the terminal that are still to come, to what was shown there before. */
  constructor(ends: FlowEnds, owed = 0) {
    this.#ends = ends;
    this.#lastAsked = ends.now();
    for (let count = 0; count < owed; count++) this.#expected.push({ bytes: 0, askedAt: this.#lastAsked });
  }

  /** Answers that the terminal still has to give to questions of ours. */
  get owed(): number {
    return this.#expected.filter((question) => question !== undefined).length;
  }

  /** Somebody shows what is written from now on. */
  open(): void {
    this.#open = true;
  }

  /** What comes next is in the middle of nothing: another kernel writes it. */
  restart(): void {
    this.#filter = new OutputFilter();
    this.#decoder = new TextDecoder();
  }

  /** Nobody does any more: what was on its way counts as shown, and what comes too. */
  close(): void {
    this.#open = false;
    const rest = this.#expected.reduce((sum, question) => sum + (question?.bytes ?? 0), this.#unasked);
    this.#expected = [];
    this.#unasked = 0;
    if (rest > 0) this.#ends.acknowledge(rest);
  }

  /** Takes output and returns it as it is shown. */
  push(bytes: Uint8Array): string {
    if (bytes.length === 0) return "";
    const text = this.#filter.filter(this.#decoder.decode(bytes, { stream: true }));
    if (!this.#open) {
      this.#ends.acknowledge(bytes.length);
      return text;
    }
    for (let count = 0; count < this.#filter.statusRequests; count++) this.#expected.push(undefined);
    this.#unasked += bytes.length;
    const askedAt = this.#ends.now();
    if (this.#filter.atGround && this.#asks(askedAt)) {
      this.#expected.push({ bytes: this.#unasked, askedAt });
      this.#unasked = 0;
      this.#lastAsked = askedAt;
      this.#ends.write(text + REQUEST);
      return text;
    }
    this.#ends.write(text);
    // Nobody waits for the end of a sequence that does not end.
    if (this.#unasked >= (this.#limit * 3) / 4) {
      this.#shown(this.#unasked);
      this.#unasked = 0;
    }
    return text;
  }

  #asks(now: number): boolean {
    if (this.#unasked >= this.#limit / 4) return true;
    return this.#unasked >= ASK_BYTES && now - this.#lastAsked >= ASK_MS;
  }

  /** Takes what the terminal sends and returns what of it is for the guest. */
  typed(text: string): string {
    if (this.#expected.length === 0) return text;
    return text.replace(ANSWER, (answer) => {
      if (this.#expected.length === 0) return answer;
      const question = this.#expected.shift();
      if (question === undefined) return answer;
      if (question.bytes > 0) {
        this.#adapt(question);
        this.#shown(question.bytes);
      }
      return "";
    });
  }

  #adapt({ bytes, askedAt }: Question): void {
    const now = this.#ends.now();
    const took = now - askedAt;
    if (took < QUICK_MS) {
      this.#limit = Math.min(CONSOLE_WINDOW, this.#limit + bytes);
    } else if (took > SLOW_MS && askedAt >= this.#lowered) {
      this.#limit = Math.max(LEAST_LIMIT, Math.floor(this.#limit / 2));
      this.#lowered = now;
    }
  }

  #shown(bytes: number): void {
    this.#held += bytes;
    const free = this.#held - (CONSOLE_WINDOW - this.#limit);
    if (free <= 0) return;
    this.#held -= free;
    this.#ends.acknowledge(free);
  }
}
