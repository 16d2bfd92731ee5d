import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { MACHINE_OPTIONS } from "./machine-options.ts";
import type { Measurement } from "./measurement.ts";
import { comparison, type Result, single } from "./report.ts";
import { BULK, type ConsoleFigures, SMALL } from "./workload.ts";

const run = promisify(execFile);
const PATIENCE_MS = 300_000;
const OTHER = "v86's console";

/** Writes to the console as the guest measures them: ours against v86's own virtio-console in the same engine. */
export class Console implements Measurement {
  readonly #programs: string;
  readonly #ours: ConsoleFigures[] = [];
  readonly #plain: ConsoleFigures[] = [];

  constructor(programs: string) {
    this.#programs = programs;
  }

  async round(number: number): Promise<void> {
    const sides = [
      async () => void this.#ours.push(await this.#figures("console-ours")),
      async () => void this.#plain.push(await this.#figures("console-plain")),
    ];
    if (number % 2 === 1) sides.reverse();
    for (const side of sides) await side();
  }

  async #figures(program: string): Promise<ConsoleFigures> {
    const args = [...MACHINE_OPTIONS, `${this.#programs}/${program}.js`];
    const { stdout } = await run(process.execPath, args, { timeout: PATIENCE_MS });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as ConsoleFigures;
  }

  result(): Result {
    const ours = (pick: (figures: ConsoleFigures) => number | undefined): number[] =>
      this.#ours.map((figures) => pick(figures) ?? Number.NaN);
    const speed = ({ blockSize, blocks }: typeof BULK, seconds: readonly number[]): number[] =>
      seconds.map((second) => (blockSize * blocks) / 1024 / second);
    const plain = (pick: (figures: ConsoleFigures) => number): number[] => this.#plain.map(pick);
    const bulk = speed(
      BULK,
      ours(({ bulk }) => bulk),
    );
    const small = speed(
      SMALL,
      ours(({ small }) => small),
    );
    const bulkPlain = {
      name: OTHER,
      samples: speed(
        BULK,
        plain(({ bulk }) => bulk),
      ),
    };
    const smallPlain = {
      name: OTHER,
      samples: speed(
        SMALL,
        plain(({ small }) => small),
      ),
    };
    const recorded = ours(({ recordedSmall }) => recordedSmall);
    const unrecorded = { name: "not recording", samples: ours(({ small }) => small) };
    return {
      rows: [
        comparison("2 MiB to hvc0", "KiB/s", bulk, bulkPlain, "at least 1"),
        comparison("16-byte writes to hvc0", "KiB/s", small, smallPlain, "at least 1"),
        single(
          "kicks, 16-byte writes",
          "1/s",
          ours(({ kicksPerSecond }) => kicksPerSecond),
        ),
        single(
          "model's time a kick, nothing armed",
          "us",
          ours(({ modelMicroseconds }) => modelMicroseconds),
        ),
        single(
          "model's time a kick, recording",
          "us",
          ours(({ recordedMicroseconds }) => recordedMicroseconds),
        ),
        comparison("16-byte writes, recording", "s", recorded, unrecorded, "at most 1.1"),
      ],
      skipped: [],
    };
  }
}
