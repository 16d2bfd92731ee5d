// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-Z\\^-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const BEGUN = /\x1b(?:\[[0-?]*[ -/]*|[ -/]*)$/;
/** Longer ones are not awaited: a guest could hold its output back for ever. */
const MAX_SEQUENCE = 64;

/** Takes what a shell sends to steer a terminal (colours, ESC [ 6 n at each prompt) out of its output. */
export class PlainText {
  /** A sequence whose end has not come yet. */
  #begun = "";

  take(text: string): string {
    const plain = (this.#begun + text).replace(SEQUENCES, "");
    const begun = BEGUN.exec(plain)?.[0] ?? "";
    this.#begun = begun.length <= MAX_SEQUENCE ? begun : "";
    return plain.slice(0, plain.length - this.#begun.length);
  }
}
