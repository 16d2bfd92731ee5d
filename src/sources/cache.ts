import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Snapshot } from "./index.ts";
import type { Tree } from "./types.ts";

/** Changes with the shape of what is stored, and with the parser: an index of another version is made anew. */
const VERSION = 1;
const MAX_BYTES = 32 * 1024 * 1024;
/** Trees remembered; the one not used for longest goes first. */
const MAX_FILES = 12;
const NAME = /^sources-[0-9a-f]{16}\.json(\.\d+\.new)?$/;
/** Age in ms at which a half-written file is one that was left behind. */
const ABANDONED_MS = 60_000;

/**
 * Keeps the index of each tree in a folder between two runs. A file is one line of header, with a checksum, and JSON.
 * Whatever is wrong with it, it is ignored and written anew; an unusable folder costs the cache, nothing else.
 */
export class IndexCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  load(tree: Tree): Snapshot | undefined {
    try {
      const path = this.#path(tree);
      if (statSync(path).size > MAX_BYTES) return undefined;
      const file = readFileSync(path, "utf8");
      const lineEnd = file.indexOf("\n");
      const body = file.slice(lineEnd + 1);
      if (file.slice(0, lineEnd) !== header(tree, body)) return undefined;
      return JSON.parse(body) as Snapshot;
    } catch {
      return undefined;
    }
  }

  /** Replaces the tree's file in one step. Returns what went wrong, if anything did. */
  save(tree: Tree, snapshot: Snapshot): string | undefined {
    const body = JSON.stringify(snapshot);
    if (body.length > MAX_BYTES) return `the index of ${tree.root} is too large to be kept (${body.length} bytes)`;
    const path = this.#path(tree);
    const half = `${path}.${process.pid}.new`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(half, `${header(tree, body)}\n${body}`);
      renameSync(half, path);
      this.#clean();
      return undefined;
    } catch (error) {
      remove(half);
      return `the index of ${tree.root} cannot be kept in ${this.#folder}: ${(error as Error).message}`;
    }
  }

  #clean(): void {
    const files = readdirSync(this.#folder)
      .filter((name) => NAME.test(name))
      .map((name) => ({ path: join(this.#folder, name), half: name.endsWith(".new") }))
      .map((file) => ({ ...file, mtimeMs: statSync(file.path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => b.mtimeMs - a.mtimeMs);
    const whole = files.filter(({ half }) => !half);
    const abandoned = files.filter(({ half, mtimeMs }) => half && mtimeMs < Date.now() - ABANDONED_MS);
    for (const { path } of [...whole.slice(MAX_FILES), ...abandoned]) remove(path);
  }

  #path(tree: Tree): string {
    return join(this.#folder, `sources-${sha256(`${tree.kind}\0${tree.root}`).slice(0, 16)}.json`);
  }
}

function header(tree: Tree, body: string): string {
  return JSON.stringify({ format: "acrn-virtio sources", version: VERSION, root: tree.root, sha256: sha256(body) });
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It stays: there is nothing better to do.
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
