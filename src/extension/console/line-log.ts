/** Lines that are remembered. */
const LINES = 2000;
/** Bytes of a line that are looked at. */
const LONGEST = 1024;

/** Strings to the terminal, control sequences, other escape sequences, and controls. */
const NOT_SHOWN = new RegExp(
  [
    "\\x1b[\\]PX^_][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)?",
    "\\x1b\\[[0-?]*[ -/]*[@-~]",
    "\\x1b[ -/]*[0-~]",
    "[\\x00-\\x08\\x0b-\\x1f\\x7f]",
  ].join("|"),
  "g",
);

/** Where in a console's output its last lines began, by what a terminal shows of them. */
export class LineLog {
  readonly #offsets = new Map<string, number>();
  readonly #line = Buffer.alloc(LONGEST);
  #length = 0;
  #offset: number;
  #start: number;

  /** `offset`: bytes of output before those that come. */
  constructor(offset = 0) {
    this.#offset = offset;
    this.#start = offset;
  }

  /** Bytes of output so far. */
  get end(): number {
    return this.#offset;
  }

  /** Takes output of the guest as it comes. */
  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === 0x0a) this.#end();
      else if (this.#length < LONGEST) this.#line[this.#length++] = byte;
      this.#offset++;
      if (byte === 0x0a) this.#start = this.#offset;
    }
  }

  /** Bytes of output before the last line that looks like this. */
  offsetOf(line: string): number | undefined {
    return this.#offsets.get(line.trimEnd());
  }

  #end(): void {
    const text = this.#line.toString("utf8", 0, this.#length).replace(NOT_SHOWN, "").trimEnd();
    this.#length = 0;
    if (text === "") return;
    // What is set anew becomes the newest.
    this.#offsets.delete(text);
    this.#offsets.set(text, this.#start);
    if (this.#offsets.size > LINES) this.#offsets.delete(this.#offsets.keys().next().value as string);
  }
}
