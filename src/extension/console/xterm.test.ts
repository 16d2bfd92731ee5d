import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { IBufferCell, ITerminalInitOnlyOptions, ITerminalOptions } from "@xterm/headless";
import { OutputFilter } from "../../shared/output-filter.ts";
import { Scrollback } from "./scrollback.ts";

// Its types promise names that Node does not find when the package is imported.
const { Terminal } = createRequire(import.meta.url)("@xterm/headless") as typeof import("@xterm/headless");

const OPTIONS: ITerminalOptions & ITerminalInitOnlyOptions = {
  cols: 12,
  rows: 4,
  scrollback: 4,
  allowProposedApi: true,
  // It reports each sequence that is malformed.
  logLevel: "off",
};
const CASES = 600;
const LONGEST = 16;

/** What sequences are made of. CSI b is not among it: what it repeats, xterm.js forgets at the end of a string. */
const TOKENS: readonly string[] = [
  ..."\x1b\x1b\x1b[[]PX^\\(\u0084\u0085\u0088\u008d\u0090\u0098\u0099\u009b\u009c\u009d\u009e",
  ..."\0\x05\x07\b\t\n\v\r\x0e\x0f\x18\x19\x1a\x1c\x7f\ufeff",
  ..."0556;:?>=!$ nnmHJKACcpqthlrZ",
  ...["0;t", "52;c;eA==", "633;E;e", "8;;http://e", "$q", "1;2", "25", "31", "#8", "one", "two "],
  ...["\x1b[", "\x1b[5", "\x1b[5n", "\x1b[31", "\x1b[1;32m", "\x1bc", "\x1b[?1049h"],
  ...["\x1b]", "\x1bP", "\x1b]0;t", "\x1b]0;title\x07", "\x1b]52;c;?\x1b\\"],
];

/** Numbers from 0 to below 1, the same in each run (Park and Miller's minimal standard generator). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function look(cell: IBufferCell): string {
  const styles = [cell.isBold(), cell.isUnderline(), cell.isInverse(), cell.isInvisible(), cell.isBlink()];
  return [cell.getChars(), cell.getWidth(), cell.getFgColor(), cell.getBgColor(), ...styles].join();
}

/** A terminal that counts the strings it is sent, and obeys none. */
function terminal() {
  const made = new Terminal(OPTIONS);
  let strings = 0;
  const answers: string[] = [];
  const count = (): boolean => {
    strings++;
    return true;
  };
  for (const code of [0, 1, 2, 5, 6, 8, 25, 31, 52, 633]) made.parser.registerOscHandler(code, count);
  for (let final = 0x40; final < 0x7f; final++) {
    for (const intermediates of ["", "$", "!", " "]) {
      made.parser.registerDcsHandler({ intermediates, final: String.fromCharCode(final) }, count);
    }
  }
  made.onData((data) => answers.push(data));
  return {
    write: (text: string) => made.write(text),
    /** What was written has arrived. */
    shown: () => new Promise<void>((resolve) => made.write("", resolve)),
    get strings() {
      return strings;
    },
    answers,
    get signsOfLife() {
      return answers.filter((answer) => answer === "\x1b[0n").length;
    },
    get screen() {
      const { active } = made.buffer;
      const lines = Array.from({ length: active.length }, (_, y) => {
        const line = active.getLine(y)!;
        return Array.from({ length: line.length }, (_, x) => look(line.getCell(x)!)).join(" ");
      });
      return { lines, cursor: [active.type, active.baseY, active.cursorX, active.cursorY], modes: { ...made.modes } };
    },
  };
}

/**
 * Feeds the same output to two terminals, to one of them through the filter, and to a third one later. Returns how many
 * strings the one that got it as it is has got.
 */
async function compare(tokens: readonly string[], next: () => number): Promise<number> {
  const chosen = Array.from({ length: 1 + next() * LONGEST }, () => tokens[Math.floor(next() * tokens.length)]).join(
    "",
  );
  const [asItIs, safe, later] = [terminal(), terminal(), terminal()];
  const filter = new OutputFilter();
  const scrollback = new Scrollback();
  let asked = 0;
  let guestAsked = 0;
  // By characters: where a pair of surrogates is cut, nothing may come in between.
  const output = [...chosen];
  for (let at = 0; at < output.length; ) {
    const piece = output.slice(at, at + 1 + Math.floor(next() * 6));
    at += piece.length;
    const filtered = filter.filter(piece.join(""));
    asItIs.write(piece.join(""));
    safe.write(filtered);
    scrollback.add(filtered);
    guestAsked += filter.statusRequests;
    // Seldom, because it ends what should have ended by itself.
    if (filter.atGround && next() < 0.1) {
      asked++;
      safe.write("\x1b[5n");
    }
  }
  later.write(scrollback.text());
  await Promise.all([asItIs.shown(), safe.shown(), later.shown()]);
  const { screen } = asItIs;
  const shown = JSON.stringify(chosen);
  assert.equal(safe.strings, 0, `strings of ${shown}`);
  assert.equal(guestAsked, asItIs.signsOfLife, `answers to ${shown}`);
  assert.equal(safe.signsOfLife, asItIs.signsOfLife + asked, `answers to ${shown} and to us`);
  assert.deepEqual(safe.screen, screen, `screen of ${shown}`);
  assert.deepEqual(later.screen, screen, `screen of ${shown}, replayed`);
  assert.deepEqual(later.answers, [], `answers to ${shown}, replayed`);
  return asItIs.strings;
}

// xterm.js before 6.1 lets characters that are not ASCII end any APC, and the filter does not.
for (const [name, seed, more] of [
  ["APC", 1, ["_", "\u009f", "\x1b_G"]],
  ["characters that are not ASCII", 2, ["ä", "日", "😀"]],
] as const) {
  test(`a terminal shows and answers the same, gets no strings, and is not asked again: with ${name}`, async () => {
    const next = random(seed);
    let strings = 0;
    for (let count = 0; count < CASES; count++) strings += await compare([...TOKENS, ...more], next);
    assert.ok(strings > CASES / 10, `${strings} strings would have reached the terminal`);
  });
}
