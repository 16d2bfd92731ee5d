import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Tail } from "./tail.ts";

/** Seconds from the start of a process to what happened in it. */
export interface BootTimes {
  readonly prompt: number;
  readonly firstOutput: number;
  /** "step NAME" lines on stderr. */
  readonly steps: ReadonlyMap<string, number>;
}

const PATIENCE_MS = 120_000;
const KEPT_ERRORS = 4000;

/** Starts a program whose stdout is a guest's console, waits for the shell's prompt, ends the program. */
export async function timeBoot(command: string, args: readonly string[]): Promise<BootTimes> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  try {
    return await watch(child, () => (performance.now() - start) / 1000);
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "close");
    }
  }
}

function watch(child: ChildProcess, now: () => number): Promise<BootTimes> {
  const tail = new Tail();
  const steps = new Map<string, number>();
  let firstOutput = 0;
  let errors = "";
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new Error(`${child.spawnfile}: ${why}\n${errors}\n${tail.text}`));
    };
    const patience = setTimeout(() => fail("no prompt in time"), PATIENCE_MS);
    child.on("error", reject);
    child.on("exit", (code, signal) => fail(`ended with ${code ?? signal} before the prompt`));
    child.stderr?.on("data", (data: Buffer) => {
      const text = data.toString();
      errors = (errors + text).slice(-KEPT_ERRORS);
      for (const [, step] of text.matchAll(/^step (\S+)$/gm)) steps.set(step, now());
    });
    child.stdout?.on("data", (data: Buffer) => {
      if (tail.bytes === 0) firstOutput = now();
      tail.add(data);
      if (!tail.atPrompt) return;
      clearTimeout(patience);
      resolve({ prompt: now(), firstOutput, steps });
    });
  });
}
