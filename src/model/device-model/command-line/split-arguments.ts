import { DmOptionError, EX_USAGE } from "./error.ts";

/**
 * Splits a command line as a POSIX shell does, without expansions: blanks separate, '...' is literal, "..." knows
 * \" \\ \$ \` and \newline, a backslash outside of quotes makes the next character literal.
 * Throws DmOptionError for a quote or a backslash that nothing follows.
 */
export function splitArguments(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (c === "'" || c === '"') {
      const [inside, end] = c === "'" ? singleQuoted(text, i) : doubleQuoted(text, i);
      word = (word ?? "") + inside;
      i = end;
    } else if (c === "\\") {
      if (++i >= text.length) throw unbalanced(text, i - 1, "A backslash ends the line.", "Leave it out or double it.");
      if (text[i] !== "\n") word = (word ?? "") + text[i];
    } else {
      word = (word ?? "") + c;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** The text inside the quotes that open at `start`, and where the closing one stands. */
function singleQuoted(text: string, start: number): [string, number] {
  const end = text.indexOf("'", start + 1);
  if (end < 0) throw unclosed(text, start);
  return [text.slice(start + 1, end), end];
}

function doubleQuoted(text: string, start: number): [string, number] {
  let inside = "";
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i];
    if (c === '"') return [inside, i];
    if (c !== "\\" || i + 1 >= text.length) {
      inside += c;
      continue;
    }
    const escaped = text[++i];
    if (escaped === "\n") continue;
    inside += '"\\$`'.includes(escaped) ? escaped : `\\${escaped}`;
  }
  throw unclosed(text, start);
}

function unclosed(text: string, at: number): DmOptionError {
  return unbalanced(text, at, `The ${text[at]} is not closed.`, `Add a second ${text[at]}.`);
}

function unbalanced(text: string, at: number, what: string, todo: string): DmOptionError {
  const where = `Column ${at + 1}, before "${text.slice(at + 1, at + 25)}".`;
  return new DmOptionError(EX_USAGE, `unbalanced command line: ${what}`, `${where} ${todo}`);
}
