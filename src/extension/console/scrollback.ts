/** Characters that are kept. */
const LIMIT = 256 * 1024;
/** Characters of a piece to which more is added: a guest may send one at a time, and many pieces take long to move up. */
const PIECE = 4096;

/** What a terminal would answer to: asked again, its answers would be typed at the guest. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with ESC
const QUESTIONS = /\x1b(?:\[[?>=]?[0-9;]*[cn]|\[[?>]?[0-9;]*\$p|Z)/g;

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

  clear(): void {
    this.#pieces.length = 0;
    this.#length = 0;
  }

  /** From the start of a line on, without questions to the terminal. */
  text(): string {
    const all = this.#pieces.join("");
    const cut = all.length > LIMIT ? all.indexOf("\n", all.length - LIMIT) + 1 : 0;
    return all.slice(cut).replace(QUESTIONS, "");
  }
}
