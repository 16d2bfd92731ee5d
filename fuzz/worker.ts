import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import type { Case } from "./case.ts";
import { type Outcome, playCase, shrink } from "./play-case.ts";
import { writeCase } from "./write-case.ts";

/** What the thread that plays the cases says. */
export type Report =
  /** Before a case is played: one that never ends is known by it. */
  | { readonly kind: "begins"; readonly seed: number }
  | { readonly kind: "played"; readonly outcome: Outcome; readonly heap: number | undefined }
  | { readonly kind: "found"; readonly shortest: Case; readonly failure: string };

export interface WorkerInput {
  readonly seed: number;
  /** Number of the first case to play. */
  readonly from: number;
}

/** Cases between two collections of garbage, after which the heap is measured. */
const MEASURE_EVERY = 50;
process.setSourceMapsEnabled(true);
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const say = (report: Report): void => parentPort?.postMessage(report);

/** Neighbouring numbers make cases that have nothing in common. */
const seedOf = (seed: number, index: number): number =>
  (Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b)) >>> 0;

/** The first lines of a stack tell one failure from another. */
const kindOf = (failure: string | undefined): string | undefined => failure?.split("\n").slice(0, 3).join("\n");

const { seed, from } = workerData as WorkerInput;
for (let index = from; ; index++) {
  const which = writeCase(seedOf(seed, index));
  say({ kind: "begins", seed: which.seed });
  const outcome = await playCase(which);
  const { failure } = outcome;
  if (failure !== undefined) {
    const shortest = await shrink(which, async (other) => kindOf((await playCase(other)).failure) === kindOf(failure));
    say({ kind: "found", shortest, failure });
  }
  const measured = index % MEASURE_EVERY === MEASURE_EVERY - 1;
  if (measured) collect();
  say({ kind: "played", outcome, heap: measured ? process.memoryUsage().heapUsed : undefined });
}
