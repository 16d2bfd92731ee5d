import { TerminalParser } from "./terminal-parser.ts";
import { CANCEL, ESC, NOT_ASCII, type Place, ST } from "./terminal-states.ts";

const BACKSLASH = 0x5c;
const FINAL_DSR = 0x6e;

/**
 * Makes a guest's output safe for VS Code's terminal. Strings to the terminal (OSC, DCS, SOS, PM and APC of ECMA-48) are
 * taken out: through them the guest could set the title, place links, read and write the clipboard, and speak VS Code's
 * shell integration. The terminal shows and does everything else as if it got the output as it is.
 */
export class OutputFilter {
  readonly #parser = new TerminalParser();
  #out = "";
  /** Start of what passes and is not in `#out` yet; undefined while nothing passes. */
  #from: number | undefined;
  /** End of it after an ESC, which is held back until it is known what it begins. */
  #held = 0;
  /** A sequence has passed without its end, in front of the ESC that is held back. */
  #isCut = false;
  /** Device status reports (CSI 5 n) the guest itself has asked for in what was filtered last. */
  statusRequests = 0;

  /** The terminal is in the middle of no sequence that goes on: what others send it now breaks nothing off. */
  get atGround(): boolean {
    return this.#parser.place !== "sequence";
  }

  filter(text: string): string {
    const parser = this.#parser;
    this.statusRequests = 0;
    this.#out = "";
    this.#from = passes(parser.place) ? 0 : undefined;
    for (let at = parser.skip(text, 0); at < text.length; at = parser.skip(text, at + 1)) this.#step(text, at);
    this.#flush(text, parser.place === "escape" ? this.#held : text.length);
    return this.#out;
  }

  #step(text: string, at: number): void {
    const parser = this.#parser;
    const code = text.charCodeAt(at);
    const before = parser.place;
    const isSequence = parser.step(code);
    if (isSequence && code === FINAL_DSR && parser.collected === "[" && parser.parameters[0] === 5) {
      this.statusRequests++;
    }
    const after = parser.place;
    if (before === "string") {
      // C1 controls are obeyed, too, where they end a string. What else ends one is part of it.
      if (passes(after)) this.#from = code >= 0x80 && code < NOT_ASCII && code !== ST ? at : at + 1;
    } else if (before === "escape") {
      this.#afterEscape(text, at, after);
    } else if (after === "escape") {
      this.#held = at;
      this.#isCut = before === "sequence";
    } else if (after === "string") {
      this.#flush(text, at);
      this.#isCut = before === "sequence";
      this.#endCut();
    }
  }

  #afterEscape(text: string, at: number, after: Place): void {
    const code = text.charCodeAt(at);
    if (passes(after) && code !== BACKSLASH) {
      if (this.#from === undefined) {
        this.#out += "\x1b";
        this.#from = at;
      }
      this.#isCut = false;
      return;
    }
    this.#flush(text, this.#held);
    if (after === "escape") {
      // C0 controls are obeyed at once, wherever they are.
      if (code < 0x20 && code !== ESC) this.#out += text[at];
    } else {
      this.#endCut();
      // ST: the string that it ends has not passed either.
      if (code === BACKSLASH) this.#from = at + 1;
    }
  }

  #flush(text: string, end: number): void {
    if (this.#from !== undefined) this.#out += text.slice(this.#from, end);
    this.#from = undefined;
  }

  /** The ESC or C1 control that would have ended the sequence that was cut does not pass. */
  #endCut(): void {
    if (this.#isCut) this.#out += CANCEL;
    this.#isCut = false;
  }
}

function passes(place: Place): boolean {
  return place === "ground" || place === "sequence";
}
