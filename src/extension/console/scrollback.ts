import { TerminalParser } from "../../shared/terminal-parser.ts";
import { CANCEL, CSI, ESC } from "../../shared/terminal-states.ts";

/** Characters that are kept. */
const LIMIT = 256 * 1024;
/** Characters of a piece to which more is added: a guest may send one at a time, and many pieces take long to move up. */
const PIECE = 4096;

/**
 * What a terminal would answer to, without parameters: asked again, its answers would be typed at the guest. DECID; DA1, DA2
 * and DA3; DSR and DECDSR; DECRQM; XTVERSION; XTWINOPS, which does nothing else in xterm.js that is seen; DECREQTPARM; the
 * question for kitty's keyboard flags; XTSMGRAPHICS.
 */
const QUESTIONS: ReadonlySet<string> = new Set("Z [c [>c [=c [n [?n [$p [?$p [>q [t [x [?u [?S".split(" "));
/** Asks for the answer-back message; within a sequence, too. */
const ENQ = "\x05";
/** DECSET: the terminal says when it gets or loses the focus, and begins with whether it has it. */
const FOCUS = 1004;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are kept
const NOT_C0 = /[^\x00-\x1a\x1c-\x1f]/g;

/** The last of a console's output, for a terminal that is opened later. */
export class Scrollback {
  readonly #pieces: string[] = [];
  #length = 0;

  add(text: string): void {
    if (text === "") return;
    const last = this.#pieces.length - 1;
    if (last >= 0 && this.#pieces[last].length < PIECE) this.#pieces[last] += text;
    else this.#pieces.push(text);
    this.#length += text.length;
    while (this.#length - this.#pieces[0].length >= LIMIT) this.#length -= (this.#pieces.shift() as string).length;
  }

  /** From the start of a line on, without questions to the terminal. */
  text(): string {
    const all = this.#pieces.join("");
    const cut = all.length > LIMIT ? all.indexOf("\n", all.length - LIMIT) + 1 : 0;
    return withoutQuestions(all.slice(cut).replaceAll(ENQ, ""));
  }
}

function withoutQuestions(text: string): string {
  const parser = new TerminalParser();
  let out = "";
  /** Start of what is not in `out` yet. */
  let from = 0;
  let start = 0;
  let cuts = false;
  for (let at = parser.skip(text, 0); at < text.length; at = parser.skip(text, at + 1)) {
    const code = text.charCodeAt(at);
    const before = parser.place;
    const isSequence = parser.step(code);
    if (code === ESC || code === CSI) {
      start = at;
      cuts = before !== "ground";
    }
    const instead = isSequence ? replacement(parser, text[at]) : undefined;
    if (instead === undefined) continue;
    // C0 controls within a sequence are obeyed as if they were in front of it.
    out += text.slice(from, start) + (cuts ? CANCEL : "") + text.slice(start, at).replace(NOT_C0, "") + instead;
    from = at + 1;
  }
  return out + text.slice(from);
}

/** What takes the place of a sequence in the replay; undefined if it stays. */
function replacement({ collected, parameters }: TerminalParser, final: string): string | undefined {
  if (QUESTIONS.has(collected + final)) return "";
  if (collected !== "[?" || final !== "h" || !parameters.includes(FOCUS)) return undefined;
  const others = parameters.filter((mode) => mode !== FOCUS);
  return others.length === 0 ? "" : `\x1b[?${others.join(";")}h`;
}
