/**
 * Finds function definitions by their text alone. It sees what a C parser does not: definitions made by a macro
 * (`DEFINE_IDTENTRY_SYSVEC(sysvec_acrn_hv_callback) {`) and functions in code that does not parse. And it is fast
 * enough to look through a whole tree. It relies on the style of both projects: a definition begins in column 0, and so does
 * its closing brace.
 */

import type { TextLayout } from "./text-layout.ts";

export interface TextDefinition {
  readonly name: string;
  /** Offsets: where the definition begins, its name, and its closing brace (or the text's end). */
  readonly startIndex: number;
  readonly index: number;
  readonly endIndex: number;
}

const HEAD = /^[A-Za-z_][^\n]*\(/gm;
const NAME = /([A-Za-z_]\w*)[ \t]*\([ \t]*(\w*)/g;
const TYPE_ALONE = /^[A-Za-z_][\w\s*]{0,200}\n$/;
/** Longest text between a parameter list and its body: attributes, comments, K&R parameters. */
const MAX_GAP = 400;
const ATTRIBUTES = /^[^{};=#]*/;
const NOTHING = /^\s*/;
const MAX_PARAMETERS = 4000;
const MAX_LINE = 500;
const MAX_DEPTH = 16;

/** Every definition in `text` whose name `isWanted`, in order. */
export function definitionsInText(layout: TextLayout, isWanted: (name: string) => boolean): TextDefinition[] {
  const { text } = layout;
  const found: TextDefinition[] = [];
  for (const head of text.matchAll(HEAD)) {
    const lineIndex = head.index;
    const lineEnd = text.indexOf("\n", lineIndex);
    const line = text.slice(lineIndex, Math.min(lineEnd < 0 ? text.length : lineEnd, lineIndex + MAX_LINE));
    for (const match of line.matchAll(NAME)) {
      const [whole, called, argument] = match;
      // `name(...)`, or the first argument of a macro that makes the definition.
      const name = isWanted(called) ? called : argument !== "" && isWanted(argument) ? argument : undefined;
      if (name === undefined) continue;
      const open = lineIndex + match.index + whole.indexOf("(", called.length);
      const bodyIndex = bodyAfter(text, open, name === called ? ATTRIBUTES : NOTHING);
      if (bodyIndex === undefined) continue;
      const index = name === called ? lineIndex + match.index : text.indexOf(argument, open);
      found.push({ name, startIndex: startOf(text, lineIndex), index, endIndex: layout.endOfBody(bodyIndex) });
      break;
    }
  }
  return found;
}

/** The line before belongs to the definition if it is a type alone. */
function startOf(text: string, lineIndex: number): number {
  const previous = text.lastIndexOf("\n", lineIndex - 2) + 1;
  return lineIndex > 0 && TYPE_ALONE.test(text.slice(previous, lineIndex)) ? previous : lineIndex;
}

/** Offset of the `{` that follows the parenthesis at `open`, or undefined for a declaration or a call. */
function bodyAfter(text: string, open: number, between: RegExp): number | undefined {
  let depth = 0;
  for (let i = open; i < text.length && i < open + MAX_PARAMETERS; i++) {
    const c = text[i];
    if (c === "(" && ++depth > MAX_DEPTH) return undefined;
    if (c === ")" && --depth === 0) return braceAfter(text, i + 1, between);
    if (c === ";" || c === "{") return undefined;
  }
  return undefined;
}

function braceAfter(text: string, from: number, between: RegExp): number | undefined {
  const gap = text.slice(from, from + MAX_GAP).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (c) => " ".repeat(c.length));
  const before = between.exec(gap)?.[0].length;
  return before !== undefined && gap[before] === "{" ? from + before : undefined;
}
