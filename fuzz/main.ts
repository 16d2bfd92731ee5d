import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Case } from "./case.ts";
import { playCase } from "./play-case.ts";
import type { Report, WorkerInput } from "./worker.ts";
import { writeCase } from "./write-case.ts";

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Folder for what is found. */
  readonly keep: string;
}

/** Longest time for a case, its shrinking apart; on an idle machine the slowest take a second. */
const CASE_SECONDS = 60;
const MEGABYTE = 1 << 20;
const megabytes = (bytes: number): string => `${Math.round(bytes / MEGABYTE)} MB`;

/** Plays cases until the time is over. Prints what was done and found; returns the exit code. */
export async function fuzz(options: FuzzOptions): Promise<number> {
  const run = new Run(options);
  console.log(`fuzzing with seed ${options.seed} for ${options.seconds} s`);
  await run.toEnd();
  for (const line of run.report()) console.log(line);
  return run.found.size === 0 ? 0 : 1;
}

/** Plays a kept case once more; returns the exit code. */
export async function replay(path: string): Promise<number> {
  const { failure, operations } = await playCase(JSON.parse(readFileSync(path, "utf8")) as Case);
  console.log(failure ?? `${operations} operations, and the machine held`);
  return failure === undefined ? 0 : 1;
}

class Run {
  /** By kind of failure: the file of its shortest case. */
  readonly found = new Map<string, string>();
  readonly #options: FuzzOptions;
  #cases = 0;
  #operations = 0;
  #exits = 0;
  #mostMessages = 0;
  #rss = 0;
  readonly #heaps: number[] = [];

  constructor(options: FuzzOptions) {
    this.#options = options;
  }

  async toEnd(): Promise<void> {
    const end = Date.now() + this.#options.seconds * 1000;
    while (Date.now() < end) await this.#thread(end);
  }

  /** One thread, until the time is over or a case of it does not end. */
  #thread(end: number): Promise<void> {
    const workerData: WorkerInput = { seed: this.#options.seed, from: this.#cases };
    const worker = new Worker(join(dirname(fileURLToPath(import.meta.url)), "worker.js"), { workerData });
    return new Promise((resolve, reject) => {
      let playing: { readonly seed: number; readonly since: number } | undefined;
      const stop = (): void => {
        clearInterval(timer);
        worker.terminate().then(() => resolve(), reject);
      };
      const timer = setInterval(() => {
        this.#rss = Math.max(this.#rss, process.memoryUsage().rss);
        if (playing !== undefined && Date.now() - playing.since > CASE_SECONDS * 1000) {
          this.#keep(writeCase(playing.seed), `no end in ${CASE_SECONDS} s`);
          this.#cases++;
          stop();
        } else if (Date.now() >= end) stop();
      }, 200);
      worker.on("error", (error) => {
        clearInterval(timer);
        reject(error);
      });
      worker.on("message", (report: Report) => {
        if (report.kind === "begins") playing = { seed: report.seed, since: Date.now() };
        else if (report.kind === "found") this.#keep(report.shortest, report.failure);
        else {
          playing = undefined;
          this.#count(report);
        }
      });
    });
  }

  #count({ outcome, heap }: Extract<Report, { kind: "played" }>): void {
    this.#cases++;
    this.#operations += outcome.operations;
    this.#exits += outcome.exits;
    this.#mostMessages = Math.max(this.#mostMessages, outcome.messages);
    if (heap !== undefined) this.#heaps.push(heap);
  }

  #keep(which: Case, failure: string): void {
    const kind = failure.split("\n").slice(0, 3).join("\n");
    if (this.found.has(kind)) return;
    mkdirSync(this.#options.keep, { recursive: true });
    const path = join(this.#options.keep, `${which.seed}.json`);
    writeFileSync(path, `${JSON.stringify(which)}\n`);
    this.found.set(kind, path);
    console.log(`found, kept in ${path} (${which.steps.length} steps):\n${failure}`);
  }

  report(): string[] {
    const [first] = this.#heaps;
    const last = this.#heaps.at(-1);
    const heap =
      first === undefined || last === undefined
        ? "heap not measured, too few cases"
        : `heap ${megabytes(first)} at first, ${megabytes(last)} at the end`;
    return [
      `${this.#cases} cases, ${this.#operations} operations, ${this.#exits} VM exits, at most ${this.#mostMessages} log messages in a case`,
      `${heap}; resident at most ${megabytes(this.#rss)}`,
      this.found.size === 0 ? "nothing found" : `${this.found.size} found; play one again with --replay FILE`,
    ];
  }
}
