import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { againstMeasurements, type GuestFiles, type Side } from "./against.ts";
import { Boot } from "./boot.ts";
import { Console } from "./console.ts";
import { Debug } from "./debug.ts";
import { Extension } from "./extension.ts";
import type { Measurement } from "./measurement.ts";
import { type Result, table } from "./report.ts";

export interface BenchOptions {
  /** Names of {@link measurementsOf}; all when empty. */
  readonly only: readonly string[];
  readonly runs: number;
  /** The project's folder. */
  readonly root: string;
  /** A checkout of acrn-hypervisor. */
  readonly acrn: string | undefined;
  /** File for the result as JSON. */
  readonly json: string | undefined;
  /** Each as short as it can be: whether it can be measured at all. */
  readonly short: boolean;
  /** Another checkout to compare this one with, and what both boot; nothing else is measured then. */
  readonly against: { readonly side: Side; readonly guest: GuestFiles } | undefined;
}

const PROGRAMS = dirname(fileURLToPath(import.meta.url));

/** What can be measured with these options, by name. */
export function measurementsOf(options: BenchOptions): { readonly [name: string]: () => Measurement } {
  const { root, acrn, short, against } = options;
  if (against !== undefined) {
    return againstMeasurements({ root, programs: PROGRAMS }, against.side, against.guest, short);
  }
  return {
    boot: () => new Boot(PROGRAMS),
    console: () => new Console(PROGRAMS),
    debug: () => new Debug(PROGRAMS, root, acrn, short),
    extension: () => new Extension(PROGRAMS, root, short),
  };
}

/** Runs the measurements, prints progress to stderr and the table to stdout. Returns the exit code. */
export async function bench(options: BenchOptions): Promise<number> {
  const measurements = measurementsOf(options);
  const names = Object.keys(measurements).filter((name) => options.only.length === 0 || options.only.includes(name));
  const results: Result[] = [];
  for (const name of names) {
    const measurement = measurements[name]();
    try {
      for (let round = 0; round < options.runs; round++) {
        process.stderr.write(`* ${name}, round ${round + 1} of ${options.runs}\n`);
        await measurement.round(round);
      }
      results.push(measurement.result());
    } finally {
      await measurement.end?.();
    }
  }
  const rows = results.flatMap((result) => result.rows);
  const result: Result = {
    // What is measured so briefly meets no aim and misses none.
    rows: options.short ? rows.map((row) => ({ ...row, aim: undefined })) : rows,
    skipped: results.flatMap(({ skipped }) => skipped),
    failed: results.flatMap(({ failed = [] }) => failed),
  };
  process.stdout.write(`${table(result)}\n`);
  if (options.short) process.stdout.write("A short round: it shows that everything can be measured, and no figures.\n");
  const exitCode = result.failed?.length ? 1 : 0;
  if (options.json === undefined) return exitCode;
  const machine = { cores: cpus().length, node: process.version, platform: `${process.platform} ${process.arch}` };
  writeFileSync(options.json, `${JSON.stringify({ machine, runs: options.runs, ...result }, undefined, 2)}\n`);
  return exitCode;
}
