import { CSI, ESC, NOT_ASCII, type Place, STATES } from "./terminal-states.ts";

const BYTE_ORDER_MARK = 0xfeff;
const ZERO = 0x30;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
/** Parameters that xterm.js keeps, and the greatest value of one (its src/common/parser/Params.ts). */
const PARAMETERS = 32;
const GREATEST = 0x7fffffff;
/** Characters of `collected` that are kept: more than any sequence has that a terminal knows. */
const COLLECTED = 8;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these lead out of plain text
const INTRODUCER = /[\x1b\x90\x98\x9b\x9d\x9e\x9f]/g;

/** Follows what a terminal is sent, as xterm.js understands it. */
export class TerminalParser {
  #state = STATES.ground;
  readonly #values = new Int32Array(PARAMETERS);
  /** The parameter that is being read. */
  #last = 0;
  /** Digits do not count: they follow a colon, or are of a parameter too many. */
  #rejectsDigits = false;

  /** What tells the sequence begun last from others, up to its final character: "[" for CSI, prefix, intermediates. */
  collected = "";

  get place(): Place {
    return this.#state.place;
  }

  /** The parameters of the control sequence begun last, without what follows a colon. Those left out are 0. */
  get parameters(): readonly number[] {
    return [...this.#values.subarray(0, this.#last + 1)];
  }

  /** Takes the next UTF-16 code unit. True if it ended an escape or control sequence, which the terminal obeys then. */
  step(unit: number): boolean {
    // xterm.js drops it wherever it is (its src/common/input/TextDecoder.ts).
    if (unit === BYTE_ORDER_MARK) return false;
    const from = this.#state;
    // Some strings end with a character that is not ASCII: with the second half of it if it has two.
    if (from.place === "string" && unit >= 0xd800 && unit < 0xdc00) return false;
    const code = unit < NOT_ASCII ? unit : NOT_ASCII;
    const to = from.next[code];
    this.#state = to;
    if (code === ESC || code === CSI) this.#begin(code === ESC ? "" : "[");
    if (code < 0x20 || code > 0x7e || from.place === "ground" || from.place === "string") return false;
    if (to === STATES.ground) return from !== STATES.csiIgnore;
    if (to === STATES.csiParam && code <= SEMICOLON) this.#takeParameter(code);
    else if (this.collected.length < COLLECTED) this.collected += String.fromCharCode(code);
    return false;
  }

  /** Where the first unit from `at` on is that needs a step: in plain text and in strings most do not. */
  skip(text: string, at: number): number {
    const state = this.#state;
    if (state.place === "ground") {
      INTRODUCER.lastIndex = at;
      return INTRODUCER.test(text) ? INTRODUCER.lastIndex - 1 : text.length;
    }
    let found = at;
    if (state.place === "string") while (found < text.length && state.next[codeAt(text, found)] === state) found++;
    return found;
  }

  #begin(collected: string): void {
    this.collected = collected;
    this.#values[0] = 0;
    this.#last = 0;
    this.#rejectsDigits = false;
  }

  #takeParameter(code: number): void {
    if (code === COLON) {
      this.#rejectsDigits = true;
    } else if (code === SEMICOLON) {
      this.#rejectsDigits = this.#last + 1 === PARAMETERS;
      if (!this.#rejectsDigits) this.#values[++this.#last] = 0;
    } else if (!this.#rejectsDigits) {
      this.#values[this.#last] = Math.min(this.#values[this.#last] * 10 + code - ZERO, GREATEST);
    }
  }
}

function codeAt(text: string, at: number): number {
  return Math.min(text.charCodeAt(at), NOT_ASCII);
}
