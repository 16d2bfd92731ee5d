import assert from "node:assert/strict";
import { it } from "node:test";
import { splitArguments } from "./split-arguments.ts";

it("splits as a shell does", () => {
  const table: [string, string[]][] = [
    ["", []],
    [" \t\n", []],
    ["a  b\tc\nd", ["a", "b", "c", "d"]],
    [`-B "console=hvc0 quiet"`, ["-B", "console=hvc0 quiet"]],
    [`'a b'"c d"e`, ["a bc de"]],
    [`'' ""`, ["", ""]],
    [`a\\ b \\"`, ["a b", '"']],
    [`"\\" \\\\ \\$ \\\` \\n"`, ['" \\ $ ` \\n']],
    [`'\\'`, ["\\"]],
    ["a \\\n b", ["a", "b"]],
    ['"a\\\nb"', ["ab"]],
    ["$HOME *", ["$HOME", "*"]],
  ];
  for (const [text, words] of table) assert.deepEqual(splitArguments(text), words, text);
});

it("says which quote is not closed, and where", () => {
  assert.throws(() => splitArguments(`-B "console=hvc0`), {
    message: /^unbalanced command line: The " is not closed\.\nColumn 4, before "console=hvc0"/,
  });
  assert.throws(() => splitArguments("it's"), { message: /The ' is not closed/ });
  assert.throws(() => splitArguments('"a\\'), { message: /The " is not closed/ });
  assert.throws(() => splitArguments("a\\"), { message: /A backslash ends the line/ });
});
