/** What is shown of something at a glance: labelled rows, filled by whoever knows and only drawn by the view. Plain data. */

/** A text for people, translated where the reader's language has a translation: `{0}`, `{1}`, … stand for the values. */
export interface Phrase {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/** `text` has to be a plain string: translators get a list of them, made from the sources. */
export const phrase = (text: string, ...values: (string | number)[]): Phrase => ({ text, values });

export interface SectionRow {
  /** The same in each look, and unique in its section. */
  readonly id: string;
  readonly label: Phrase;
  /** A phrase where it has words. */
  readonly value: string | number | boolean | Phrase;
}

export interface Section {
  /** The same in each look, and unique among the sections of its owner. */
  readonly id: string;
  readonly label: Phrase;
  /** Stands behind the label. */
  readonly value: string;
  /** Name of a codicon. */
  readonly icon?: string;
  /** Of a file, socket or pseudo-terminal of the computer, to be copied. */
  readonly path?: string;
  readonly rows: readonly SectionRow[];
}
