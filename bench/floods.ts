import type { Recording } from "./page/figures.ts";

/** A command that writes as fast as it can, in large pieces or a line at a time, and what a terminal gets of it. */
export interface Flood {
  readonly name: string;
  readonly command: string;
  readonly output: string;
}

/** What is run in a guest of the extension. */
export interface FloodPlan {
  /**
   * To be run before, each within the 80 columns the guest counts. What is flooded is kept in files: head counts it out slower than
   * the console takes it. And the kernel is to be quiet: its console driver takes back what it sent before the interrupt comes,
   * and after 100,000 interrupts without work Linux says "nobody cared" and switches this one off.
   */
  readonly preparations: readonly string[];
  readonly floods: readonly Flood[];
  /** Ctrl-C, so many times. */
  readonly interrupts: number;
}

/**
 * Without `opost` the guest's tty hands over what it is given, thousands of lines at once. With it, it writes the end of each line by
 * itself: the 2.6 million of `yes | head -c 5M` would take a quarter of an hour.
 */
const AT_ONCE = "(stty -opost; cat b; stty opost)";

/** `lines` in a file, `times` of it flooded at once, and numbers to `last`, a line each. */
function plan(name: string, lines: number, times: number, last: number, interrupts: number): FloodPlan {
  return {
    preparations: [
      "dmesg -n 1",
      `yes $(printf 'y\\r') | head -c ${3 * lines} > a`,
      `for i in $(seq ${times}); do cat a; done > b`,
    ],
    floods: [
      { name: `${name} of yes, large writes`, command: AT_ONCE, output: "y\r\n".repeat(lines * times) },
      {
        name: `seq 1 ${last}, a write a line`,
        command: `seq 1 ${last}`,
        output: Array.from({ length: last }, (_, at) => `${at + 1}\r\n`).join(""),
      },
    ],
    interrupts,
  };
}

export const FULL_PLAN = plan("5 MiB", 16_384, 107, 200_000, 10);
/** As many numbers as a terminal keeps lines, and more. */
export const SHORT_PLAN = plan("96 KiB", 16_384, 2, 2000, 1);

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what sequences begin with
const SEQUENCES = /\x1b\[[0-9;?]*[A-Za-z]/g;
const PROMPT = "/root # ";
/** What a quiet kernel still says. */
const KERNEL = /\[ *\d+\.\d+\] Disabling IRQ #\d+\r\n/g;

/**
 * What is wrong with the text from Enter to the prompt; undefined when every character of the output is there, in order,
 * and no other one. The shell's own sequences, and those by which the extension asks the terminal how far it is, are none.
 */
export function loss({ name, output }: Flood, text: string): string | undefined {
  const found = text.replace(SEQUENCES, "").replace(KERNEL, "");
  const expected = `\r\n${output}${PROMPT}`;
  if (found === expected) return undefined;
  let at = 0;
  while (found[at] === expected[at]) at++;
  const [here, there] = [found, expected].map((it) => JSON.stringify(it.slice(at, at + 20)));
  return `${name}: ${found.length} characters instead of ${expected.length}; at ${at} ${here} instead of ${there}`;
}

/** The same of what the terminal has made of it: lines it counted, and lines it still has. */
export function terminalLoss(flood: Flood, { text, lineFeeds, lines }: Recording): string | undefined {
  const lost = loss(flood, text);
  if (lost !== undefined) return lost;
  const expected = flood.output.split("\r\n").slice(0, -1);
  // The terminal may have been asked how far it is in the middle of one.
  const kernels = text.replace(SEQUENCES, "").match(KERNEL)?.length ?? 0;
  // Enter is one more.
  const wanted = expected.length + kernels + 1;
  if (lineFeeds !== wanted) return `${flood.name}: the terminal counted ${lineFeeds} lines instead of ${wanted}`;
  const shown = lines.filter((line) => !/Disabling IRQ #/.test(line)).map((line) => line.trimEnd());
  const last = [...expected, PROMPT.trimEnd()].slice(-shown.length);
  const wrong = shown.findIndex((line, at) => line !== last[at]);
  if (wrong < 0) return undefined;
  const [here, there] = [shown[wrong], last[wrong]].map((line) => JSON.stringify(line));
  return `${flood.name}: of its last ${shown.length} lines the terminal shows ${here} instead of ${there}`;
}
