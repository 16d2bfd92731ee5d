import { spawnSync } from "node:child_process";

/** cfmakeraw(3). Node reaches terminal modes only through raw mode, which turns ONLCR on; stty(1) sets what is meant. */
const CFMAKERAW = (
  "-ignbrk -brkint -parmrk -istrip -inlcr -igncr -icrnl -ixon -opost " +
  "-echo -echonl -icanon -isig -iexten cs8 -parenb min 1 time 0"
).split(" ");

/** A tty backend: raw, but CLOCAL and OPOST on, as acrn-dm sets it. */
const RAW_TTY = [...CFMAKERAW, "clocal", "opost"];

/** Modes of a terminal, in stty's own notation. */
export type SavedModes = string;

/** Raw without any output processing: every byte passes. Returns what is wrong, undefined when it worked. */
export function makeRaw(fd: number): string | undefined {
  return stty(fd, CFMAKERAW).problem;
}

/** Raw as acrn-dm makes a tty backend; the modes from before are returned. */
export function makeRawTty(fd: number): { readonly saved: SavedModes; readonly problem: string | undefined } {
  const before = stty(fd, ["-g"]);
  return { saved: before.output.trim(), problem: before.problem ?? stty(fd, RAW_TTY).problem };
}

export function restoreModes(fd: number, saved: SavedModes): string | undefined {
  return stty(fd, [saved]).problem;
}

function stty(fd: number, modes: readonly string[]): { output: string; problem: string | undefined } {
  const result = spawnSync("stty", modes, { stdio: [fd, "pipe", "pipe"], encoding: "utf8" });
  if (result.error !== undefined) {
    return { output: "", problem: `stty cannot be run (${result.error.message}); install coreutils` };
  }
  const problem = result.status === 0 ? undefined : `stty: ${result.stderr.trim()}`;
  return { output: result.stdout, problem };
}
