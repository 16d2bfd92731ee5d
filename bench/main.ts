import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Boot } from "./boot.ts";
import { Console } from "./console.ts";
import { Debug } from "./debug.ts";
import { Extension } from "./extension.ts";
import type { Measurement } from "./measurement.ts";
import { type Result, table } from "./report.ts";

export interface BenchOptions {
  /** Names of {@link MEASUREMENTS}; all when empty. */
  readonly only: readonly string[];
  readonly runs: number;
  /** The project's folder. */
  readonly root: string;
  /** A checkout of acrn-hypervisor. */
  readonly acrn: string | undefined;
  /** File for the result as JSON. */
  readonly json: string | undefined;
}

const PROGRAMS = dirname(fileURLToPath(import.meta.url));

const measurements: { readonly [name: string]: (options: BenchOptions) => Measurement } = {
  boot: () => new Boot(PROGRAMS),
  console: () => new Console(PROGRAMS),
  debug: ({ root, acrn }) => new Debug(PROGRAMS, root, acrn),
  extension: ({ root }) => new Extension(PROGRAMS, root),
};

export const MEASUREMENTS = Object.keys(measurements);

/** Runs the measurements, prints progress to stderr and the table to stdout. Returns the exit code. */
export async function bench(options: BenchOptions): Promise<number> {
  const names = options.only.length > 0 ? MEASUREMENTS.filter((name) => options.only.includes(name)) : MEASUREMENTS;
  const results: Result[] = [];
  for (const name of names) {
    const measurement = measurements[name](options);
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
  const result: Result = {
    rows: results.flatMap(({ rows }) => rows),
    skipped: results.flatMap(({ skipped }) => skipped),
    failed: results.flatMap(({ failed = [] }) => failed),
  };
  process.stdout.write(`${table(result)}\n`);
  const exitCode = result.failed?.length ? 1 : 0;
  if (options.json === undefined) return exitCode;
  const machine = { cores: cpus().length, node: process.version, platform: `${process.platform} ${process.arch}` };
  writeFileSync(options.json, `${JSON.stringify({ machine, runs: options.runs, ...result }, undefined, 2)}\n`);
  return exitCode;
}
