// What every script needs: where the project is, how to report progress and run a program. Node built-ins only, because
// these run before `npm ci`.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** An error a user can do something about: its message is all that is shown. */
export class UserError extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = "UserError";
    this.exitCode = exitCode;
  }
}

/** Progress goes to stderr, so that a script's stdout stays its result. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs `work`, telling what is being done and how long it took. */
export async function step(what, work) {
  const start = performance.now();
  say(`* ${what} ...`);
  const result = await work();
  say(`  done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** True in the module that `node` was started with. */
export function isProgram(moduleUrl) {
  return process.argv[1] !== undefined && moduleUrl === pathToFileURL(realpathSync(process.argv[1])).href;
}

/** Runs the main function of a script: user errors as one message, signals as their usual exit code. */
export function main(run) {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ]) {
    process.on(signal, async () => {
      await stopChildren(signal);
      for (const clean of cleanups) clean();
      say(`\nstopped by ${signal}; nothing half-made was kept`);
      process.exit(code);
    });
  }
  Promise.resolve()
    .then(run)
    .then(
      (code) => process.exit(code ?? 0),
      (error) => {
        for (const clean of cleanups) clean();
        if (error instanceof UserError) say(`\n${error.message}`);
        else say(`\n${error?.stack ?? error}`);
        process.exit(error instanceof UserError ? error.exitCode : 70);
      },
    );
}

const children = new Set();
const cleanups = new Set();

/** Ends the running programs and waits for them: what they are writing can be removed only when they are gone. */
async function stopChildren(signal) {
  const gone = [...children].map((child) => new Promise((resolve) => child.on("close", resolve)));
  for (const child of children) child.kill(signal);
  const force = setTimeout(() => {
    for (const child of children) child.kill("SIGKILL");
  }, 5000);
  await Promise.all(gone);
  clearTimeout(force);
}

/** Registers what must be done when the script is stopped or fails. Returns the function that does it and forgets it. */
export function onStop(clean) {
  const once = () => {
    if (cleanups.delete(once)) clean();
  };
  cleanups.add(once);
  return once;
}

/**
 * Runs a program to its end. Resolves to {code, output}; the output is captured unless `inherit` is set.
 * Rejects only when the program cannot be started.
 */
export function run(command, args, { inherit = false, cwd = ROOT, env = process.env, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: inherit ? "inherit" : ["ignore", "pipe", "pipe"] });
    children.add(child);
    const output = [];
    child.stdout?.on("data", (data) => output.push(data));
    child.stderr?.on("data", (data) => output.push(data));
    child.on("error", (error) => {
      children.delete(child);
      reject(error);
    });
    child.on("close", (code, signal) => {
      children.delete(child);
      resolve({ code: code ?? (signal === "SIGINT" ? 130 : 1), output: Buffer.concat(output).toString() });
    });
  });
}

/** Like `run`, but a failure is an error with the program's last lines. */
export async function mustRun(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output;
  const lines = output.trimEnd().split("\n");
  const shown = lines.length <= 30 ? lines : [...lines.slice(0, 15), "...", ...lines.slice(-15)];
  const tail = shown.join("\n");
  throw new UserError(`${[command, ...args].join(" ")} failed with exit code ${code}${tail ? `:\n${tail}` : ""}`);
}

export function hasProgram(name) {
  return spawnSync(name, ["--version"], { stdio: "ignore" }).error === undefined;
}

export function sha256(data) {
  return createHash("sha256").update(data).digest("hex");
}

/** All files below a folder as sorted paths relative to the project, with forward slashes; none when it is not there. */
export function filesBelow(folder, accept = () => true) {
  const result = [];
  const walk = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const full = join(path, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (entry.isFile() && accept(full)) result.push(relative(ROOT, full).split(sep).join("/"));
    }
  };
  if (statSync(join(ROOT, folder), { throwIfNoEntry: false })?.isDirectory()) walk(join(ROOT, folder));
  return result.sort();
}

/** One hash over the names and contents of files (paths relative to the project; missing ones count as such). */
export function hashFiles(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    hash.update(`${path}\0`);
    try {
      hash.update(readFileSync(join(ROOT, path)));
    } catch {
      hash.update("missing");
    }
    hash.update("\0");
  }
  return hash.digest("hex");
}

/** The stamp a finished step left, or undefined. */
export function readStamp(path) {
  try {
    return readFileSync(join(ROOT, path), "utf8").trim();
  } catch {
    return undefined;
  }
}
