// Lets a program of the project take over this terminal.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { importTypeScript } from "./import-typescript.mjs";
import { ROOT } from "./project.mjs";

/** Runs the command line program: terminal and signals are its own, its exit code becomes ours. */
export async function runProgram(args) {
  const { machineProcessOptions } = await importTypeScript("src/shared/machine-process.ts");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(signal);
  const program = join(ROOT, "bin", "acrn-virtio.mjs");
  const options = machineProcessOptions(availableParallelism());
  const child = spawn(process.execPath, [...options, program, ...args], { cwd: ROOT, stdio: "inherit" });
  // Ctrl-C goes to the whole foreground group; the others come to this process alone.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 1)));
  });
}
