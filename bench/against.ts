import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { timeBoot } from "./boot-process.ts";
import { MACHINE_OPTIONS } from "./machine-options.ts";
import type { Measurement } from "./measurement.ts";
import { comparison, type Result, type Row } from "./report.ts";
import { FULL, kickingGuest, SHORT, type StepFigures, steps } from "./steps.ts";
import { BULK, type ConsoleFigures, SMALL } from "./workload.ts";

/** A checkout of the project that has been built, and the programs that were bundled of its sources. */
export interface Side {
  readonly root: string;
  readonly programs: string;
}

/** What both boot: no side's own image, whose symbols it would know from the start. */
export interface GuestFiles {
  readonly kernel: string;
  readonly initrd: string;
}

const run = promisify(execFile);
const PATIENCE_MS = 300_000;
const OTHER = "other build";
const AIM = "at most 1.03";
const KICKS = 20_000;
const SHORT_KICKS = 500;

/** The same program in two checkouts, by turns. */
class Pair<T> implements Measurement {
  readonly #sides: readonly [ours: Side, theirs: Side];
  readonly #measure: (side: Side) => Promise<T>;
  readonly #rows: (ours: readonly T[], theirs: readonly T[]) => Row[];
  readonly #ours: T[] = [];
  readonly #theirs: T[] = [];

  constructor(
    sides: readonly [ours: Side, theirs: Side],
    measure: (side: Side) => Promise<T>,
    rows: (ours: readonly T[], theirs: readonly T[]) => Row[],
  ) {
    this.#sides = sides;
    this.#measure = measure;
    this.#rows = rows;
  }

  async round(number: number): Promise<void> {
    const [ours, theirs] = this.#sides;
    const turns = [
      async () => void this.#ours.push(await this.#measure(ours)),
      async () => void this.#theirs.push(await this.#measure(theirs)),
    ];
    if (number % 2 === 1) turns.reverse();
    for (const turn of turns) await turn();
  }

  result(): Result {
    return { rows: this.#rows(this.#ours, this.#theirs), skipped: [] };
  }
}

/** What is compared, by the name `--only` knows it by. */
export function againstMeasurements(
  ours: Side,
  theirs: Side,
  guest: GuestFiles,
  short: boolean,
): { readonly [name: string]: () => Measurement } {
  const sides = [ours, theirs] as const;
  return {
    kick: () => new Pair(sides, (side) => program<KickFigures>(side, "kicks", short ? SHORT_KICKS : KICKS), kickRows),
    console: () => new Pair(sides, (side) => program<ConsoleFigures>(side, "console-ours"), consoleRows),
    boot: () => new Pair(sides, (side) => boot(side, guest), bootRows),
    steps: () => new Pair(sides, (side) => stepsOf(side, guest, short), stepRows),
  };
}

/** What a program of the bench prints on its last line. */
async function program<T>(side: Side, name: string, ...args: readonly unknown[]): Promise<T> {
  const argv = [...MACHINE_OPTIONS, join(side.programs, `${name}.js`), ...args.map(String)];
  const { stdout } = await run(process.execPath, argv, { timeout: PATIENCE_MS });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

interface KickFigures {
  readonly plain: number;
  readonly recording: number;
}

function row<T>(what: string, unit: string, pick: (figures: T) => number, aim = AIM) {
  return (ours: readonly T[], theirs: readonly T[]): Row =>
    comparison(what, unit, ours.map(pick), { name: OTHER, samples: theirs.map(pick) }, aim);
}

function rows<T>(...list: readonly ReturnType<typeof row<T>>[]) {
  return (ours: readonly T[], theirs: readonly T[]): Row[] => list.map((make) => make(ours, theirs));
}

const kickRows = rows<KickFigures>(
  row("a kick of a scripted guest, nothing armed", "us", ({ plain }) => plain),
  row("a kick of a scripted guest, recording", "us", ({ recording }) => recording),
);

const speed = ({ blockSize, blocks }: typeof BULK, seconds: number): number => (blockSize * blocks) / 1024 / seconds;
const consoleRows = rows<ConsoleFigures>(
  row("2 MiB to hvc0", "KiB/s", ({ bulk }) => speed(BULK, bulk), "at least 0.97"),
  row("16-byte writes to hvc0", "KiB/s", ({ small }) => speed(SMALL, small), "at least 0.97"),
  row("model's time a kick, nothing armed", "us", ({ modelMicroseconds = Number.NaN }) => modelMicroseconds),
  row("model's time a kick, recording", "us", ({ recordedMicroseconds = Number.NaN }) => recordedMicroseconds),
);

async function boot({ root }: Side, { kernel, initrd }: GuestFiles): Promise<number> {
  const args = [join(root, "bin/acrn-virtio.mjs"), "run", "-k", kernel, "-r", initrd];
  return (await timeBoot(process.execPath, [...MACHINE_OPTIONS, ...args])).prompt;
}

const bootRows = rows<number>(row("boot to prompt, default devices", "s", (seconds) => seconds));

const stepsOf = ({ root }: Side, guest: GuestFiles, short: boolean): Promise<StepFigures> =>
  steps([join(root, "bin/acrn-virtio.mjs"), "dap"], { ...guest, ...kickingGuest() }, short ? SHORT : FULL);

const stepRows = rows<StepFigures>(
  row("next to stopped, p50", "ms", ({ bare }) => bare[0]),
  row("next to stopped, p95", "ms", ({ bare }) => bare[1]),
  row("with stack, scopes, variables, p50", "ms", ({ looking }) => looking[0]),
  row("with stack, scopes, variables, p95", "ms", ({ looking }) => looking[1]),
);
