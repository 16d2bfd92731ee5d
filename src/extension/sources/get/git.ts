import { spawn } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { WantedTree } from "./wanted.ts";

/** Ends what is under way. */
export interface Abort {
  readonly signal: AbortSignal;
}

/** The commands that fetch a tree: one revision, and of it only the files that are wanted. */
export const gitCommands = ({ url, ref, patterns }: WantedTree, folder: string): readonly (readonly string[])[] => [
  [
    "clone",
    "--depth",
    "1",
    "--filter=blob:none",
    "--no-checkout",
    "--single-branch",
    "--branch",
    ref,
    "--",
    url,
    folder,
  ],
  ["-C", folder, "sparse-checkout", "set", "--no-cone", ...patterns],
  ["-C", folder, "checkout", "--quiet"],
];

/**
 * Fetches a tree into a new folder of `parent` and returns that. Rejects with git's own words; then, and when it is aborted,
 * nothing is left behind. A folder of that name that has something in it is not touched.
 */
export async function fetchTree(tree: WantedTree, parent: string, { signal }: Abort): Promise<string> {
  const folder = join(parent, tree.folder);
  const there = await readdir(folder).catch(() => []);
  if (there.length > 0)
    throw new Error(`${folder} is there already, and is not empty: move it away, or choose another folder`);
  await mkdir(parent, { recursive: true });
  try {
    for (const args of gitCommands(tree, folder)) await git(args, signal);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** Longest text of git's that is told. */
const MAX_TOLD = 1000;

function git(args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // Nobody is there who could answer for a password.
    const env = { ...process.env, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
    const child = spawn("git", args, { stdio: ["ignore", "ignore", "pipe"], env, signal });
    let told = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      told = (told + text).slice(-MAX_TOLD);
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT")
        reject(new Error("git is not there: install it, or clone by hand and locate the folder"));
      else reject(error);
    });
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`git ${args.find((arg) => /^[a-z]/.test(arg))}: ${told.trim() || `status ${code}`}`));
    });
  });
}
