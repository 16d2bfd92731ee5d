import assert from "node:assert/strict";
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT, within } from "./harness.ts";

/** The program as its users have it: a process of its own. */

export const PROGRAM = join(ROOT, "bin", "acrn-virtio.mjs");

export interface Ended {
  /** Exit status, or 128 + the number of a signal nobody handled. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Escape sequences a shell sends to a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]/g;

const running = new Set<ChildProcess>();

/** Ends what a test that failed may have left. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

export class Program {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  #output = "";
  #changed: (() => void)[] = [];
  #over = false;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"], ...options });
    this.#child = child;
    running.add(child);
    child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk;
      this.#note(chunk.toString());
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk;
      this.#note(chunk.toString());
    });
    // It may have gone before it was told everything.
    child.stdin?.on("error", () => {});
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        running.delete(child);
        this.#over = true;
        this.#note("");
        resolve({ status: code ?? (signal === null ? -1 : 128), stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  #note(text: string): void {
    this.#output = (this.#output + text).replace(ESCAPES, "");
    for (const wake of this.#changed.splice(0)) wake();
  }

  /** Waits until what has come, on both outputs and without escape sequences, matches. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output)) {
      assert.ok(!this.#over, `it ended without ${pattern}:\n${this.#output.slice(-2000)}`);
      const change = new Promise<void>((resolve) => this.#changed.push(resolve));
      await within(`${pattern}`, change, () => this.#output.slice(-2000));
    }
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its end. What users see is never a stack trace. */
  async end(): Promise<Ended> {
    const ended = await within("the program's end", this.ended, () => this.#output.slice(-2000));
    assert.doesNotMatch(ended.stdout + ended.stderr, /^\s+at .*[(:]\d+|node:internal/m);
    return ended;
  }
}

/** `acrn-virtio` with these arguments and, unless told otherwise, nothing to read. */
export const start = (
  args: readonly string[],
  options: SpawnOptions = { stdio: ["ignore", "pipe", "pipe"] },
): Program => new Program(process.execPath, [PROGRAM, ...args], options);

export const run = (args: readonly string[], options?: SpawnOptions): Promise<Ended> => start(args, options).end();

/**
 * `acrn-virtio` on a terminal, by script(1): what is typed goes to the terminal. `folder` takes notes: the terminal's
 * modes before and after, the program's process id and exit status.
 */
export class OnTerminal {
  readonly script: Program;
  readonly #folder: string;

  constructor(folder: string, args: readonly string[]) {
    this.#folder = folder;
    const quoted = [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(" ");
    const command =
      `cd '${folder}'; stty -g >before; sh -c 'echo $$ >pid; exec "$@"' sh ${quoted}; ` +
      "echo $? >status; stty -g >after";
    this.script = new Program("script", ["-qefc", command, "/dev/null"]);
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), "utf8").trim();
  }

  get pid(): number {
    return Number(this.#read("pid"));
  }

  /** Exit status of the program, after a check that the terminal is as it was. */
  async status(): Promise<number> {
    await this.script.end();
    assert.equal(this.#read("after"), this.#read("before"));
    return Number(this.#read("status"));
  }
}

/** Waits until a process that is not our child is gone. */
export async function gone(pid: number): Promise<void> {
  const poll = async (): Promise<void> => {
    for (;;) {
      try {
        process.kill(pid, 0);
      } catch {
        return;
      }
      await delay(20);
    }
  };
  await within(`the end of process ${pid}`, poll());
}
