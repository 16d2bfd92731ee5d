/**
 * Makes a guest's output safe for VS Code's terminal. Strings to the terminal (OSC, DCS, SOS, PM and APC of ECMA-48) are
 * taken out: through them the guest could set the title, place links, read and write the clipboard, and speak VS Code's
 * shell integration. Everything else passes unchanged.
 */
export class OutputFilter {
  #state: "ground" | "escape" | "intermediate" | "csi" | "string" | "stringEscape" = "ground";
  /** Parameters of the control sequence under way, as far as they matter. */
  #parameters = "";
  /** Device status reports (CSI 5 n) the guest itself has asked for in what was filtered last. */
  statusRequests = 0;

  /** The terminal is in the middle of no sequence. */
  get atGround(): boolean {
    return this.#state === "ground";
  }

  filter(text: string): string {
    this.statusRequests = 0;
    if (this.#state === "ground" && !INTRODUCER.test(text)) return text;
    let out = "";
    /** Start of what passes and is not in `out` yet; undefined inside a string. */
    let from: number | undefined = this.#inString() || this.#state === "escape" ? undefined : 0;
    for (let at = 0; at < text.length; at++) {
      const before = this.#state;
      this.#step(text.charCodeAt(at));
      if (before === "escape") {
        // An ESC is held back until it is known what it begins.
        if (!this.#inString()) {
          if (this.#state !== "escape") out += "\x1b";
          from = this.#state === "escape" ? undefined : at;
        }
      } else if (this.#state === "escape" || this.#inString()) {
        // Into a string by an introducer of one character.
        if (from !== undefined) out += text.slice(from, at);
        from = undefined;
      } else if (before === "string" || before === "stringEscape") {
        from = at + 1;
      }
    }
    return from === undefined ? out : out + text.slice(from);
  }

  #inString(): boolean {
    return this.#state === "string" || this.#state === "stringEscape";
  }

  #step(code: number): void {
    if (code === CAN || code === SUB) {
      this.#state = "ground";
    } else if (this.#state === "string") {
      if (code === ESC) this.#state = "stringEscape";
      else if (code === BEL || code === ST) this.#state = "ground";
    } else if (this.#state === "stringEscape") {
      // ESC \ ends a string; any other ESC does too and begins something new, which is lost with it.
      this.#state = code === ESC ? "stringEscape" : code === BACKSLASH ? "ground" : "string";
    } else if (code === ESC) {
      this.#state = "escape";
    } else if (code === CSI) {
      this.#begin();
    } else if (STRINGS.has(code)) {
      this.#state = "string";
    } else if (this.#state === "escape") {
      this.#afterEscape(code);
    } else if (this.#state === "intermediate") {
      if (code >= 0x30) this.#state = "ground";
    } else if (this.#state === "csi") {
      this.#inSequence(code);
    }
  }

  #begin(): void {
    this.#state = "csi";
    this.#parameters = "";
  }

  #afterEscape(code: number): void {
    if (code === 0x5b) this.#begin();
    else if (STRINGS.has(code + 0x40)) this.#state = "string";
    else if (code >= 0x20 && code < 0x30) this.#state = "intermediate";
    else this.#state = "ground";
  }

  #inSequence(code: number): void {
    if (code < 0x40) {
      if (this.#parameters.length < 4) this.#parameters += String.fromCharCode(code);
    } else {
      if (code === 0x6e && this.#parameters === "5") this.statusRequests++;
      this.#state = "ground";
    }
  }
}

const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const BACKSLASH = 0x5c;
const CSI = 0x9b;
const ST = 0x9c;
/** DCS, SOS, OSC, PM, APC as one character; with ESC before it, 0x40 less. */
const STRINGS: ReadonlySet<number> = new Set([0x90, 0x98, 0x9d, 0x9e, 0x9f]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const INTRODUCER = /[\x1b\x90\x98\x9b\x9d\x9e\x9f]/;
