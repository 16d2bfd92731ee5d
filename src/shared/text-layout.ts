/** Where lines begin and bodies end in a text, looked up in logarithmic time: a file may have two million lines. */
export class TextLayout {
  readonly text: string;
  #lines: number[] | undefined;
  #closing: number[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The line an offset is in, from 1. */
  lineAt(index: number): number {
    this.#lines ??= [0, ...offsetsOf(this.text, "\n", 1)];
    return firstAbove(this.#lines, index);
  }

  /** The text of some lines, both included. */
  lines(first: number, last: number): string {
    this.#lines ??= [0, ...offsetsOf(this.text, "\n", 1)];
    return this.text.slice(this.#lines[first - 1], this.#lines[last]);
  }

  /** The column of an offset in its line, from 1. */
  columnAt(index: number): number {
    return index - this.text.lastIndexOf("\n", index - 1);
  }

  isFirstColumn(index: number): boolean {
    return index === 0 || this.text[index - 1] === "\n";
  }

  /**
   * Offset of the brace that closes the body at `open`: on the same line, or the first one in column 0, where both
   * projects have it. Without one the body ends with the text.
   */
  endOfBody(open: number): number {
    const oneLine = /^\{[^{}\n]{0,1000}\}/.exec(this.text.slice(open, open + 1002));
    if (oneLine !== null) return open + oneLine[0].length - 1;
    this.#closing ??= offsetsOf(this.text, "\n}", 1);
    return this.#closing[firstAbove(this.#closing, open)] ?? this.text.length;
  }

  /** Deepest nesting of brackets, by counting: strings and comments are not told apart. */
  depth(): number {
    let depth = 0;
    let deepest = 0;
    for (let i = 0; i < this.text.length; i++) {
      const c = this.text.charCodeAt(i);
      if (c === 0x28 || c === 0x5b || c === 0x7b) deepest = Math.max(deepest, ++depth);
      else if ((c === 0x29 || c === 0x5d || c === 0x7d) && depth > 0) depth--;
    }
    return deepest;
  }
}

function offsetsOf(text: string, what: string, shift: number): number[] {
  const offsets: number[] = [];
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + 1)) offsets.push(at + shift);
  return offsets;
}

/** Index of the first number above `value` in an ascending list. */
function firstAbove(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
