import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Limits, Skips } from "./limits.ts";

export interface FileStamp {
  readonly mtimeMs: number;
  readonly size: number;
}

export interface SourceText extends FileStamp {
  readonly text: string;
}

/** Bytes at the start of a file that are searched for a NUL, as git does. */
const BINARY_PROBE = 8000;

/** A source file's text, or undefined when it is absent or was skipped (and counted). `path` is inside `root`. */
export function readSource(
  root: string,
  path: string,
  limits: Limits,
  skips: Skips,
  encoding: "utf8" | "latin1" = "utf8",
): SourceText | undefined {
  let fd: number;
  try {
    // Without O_NONBLOCK a FIFO of that name would block for ever.
    fd = openSync(join(root, path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (!isAbsent(error)) skips.add("unreadable", path);
    return undefined;
  }
  try {
    const { mtimeMs, size, ...stat } = fstatSync(fd);
    if ((stat.mode & constants.S_IFMT) !== constants.S_IFREG) return skip(skips, "not a file", path);
    if (size > limits.fileBytes) return skip(skips, "too large", path);
    const buffer = Buffer.allocUnsafe(size);
    let length = 0;
    // A file that is being written may be shorter than it was a moment ago.
    for (let n = -1; n !== 0 && length < size; length += n) n = readSync(fd, buffer, length, size - length, null);
    const bytes = buffer.subarray(0, length);
    if (bytes.subarray(0, BINARY_PROBE).includes(0)) return skip(skips, "binary", path);
    return { text: bytes.toString(encoding), mtimeMs, size };
  } catch {
    return skip(skips, "unreadable", path);
  } finally {
    closeSync(fd);
  }
}

function skip(skips: Skips, reason: Parameters<Skips["add"]>[0], path: string): undefined {
  skips.add(reason, path);
}

/** Time and size of a regular file, undefined for anything else. */
export function stampOf(path: string): FileStamp | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? { mtimeMs: stat.mtimeMs, size: stat.size } : undefined;
  } catch {
    return undefined;
  }
}

export interface ListedFile extends FileStamp {
  readonly path: string;
}

/** All .c and .h files below some folders of a tree, sorted. Symbolic links are not followed, so there are no loops. */
export function listSources(root: string, folders: readonly string[], limits: Limits, skips: Skips): ListedFile[] {
  const files: ListedFile[] = [];
  const walk = (folder: string, depth: number): void => {
    for (const entry of entriesOf(root, folder, skips)) {
      const path = `${folder}/${entry.name}`;
      const isSource = /\.[ch]$/.test(entry.name);
      if (entry.isDirectory()) {
        if (entry.name.startsWith(".")) continue;
        if (depth >= limits.depth) skips.add("folder too deep", path);
        else walk(path, depth + 1);
      } else if (entry.isSymbolicLink()) {
        // It may be a folder of sources, or a source.
        if (isSource || !entry.name.includes(".")) skips.add("symbolic link", path);
      } else if (isSource && files.length >= limits.files) {
        skips.add("too many files", folder);
      } else if (isSource) {
        const stamp = stampOf(join(root, path));
        if (stamp === undefined) skips.add(entry.isFile() ? "unreadable" : "not a file", path);
        else files.push({ path, ...stamp });
      }
    }
  };
  for (const folder of folders) walk(folder, 0);
  return files;
}

function entriesOf(root: string, folder: string, skips: Skips): Dirent[] {
  try {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (!isAbsent(error)) skips.add("unreadable", folder);
    return [];
  }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
