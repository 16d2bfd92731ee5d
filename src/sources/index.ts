import { createHash } from "node:crypto";
import { join } from "node:path";
import { definitionsInText } from "../shared/c-definitions.ts";
import { TextLayout } from "../shared/text-layout.ts";
import { type Limits, type SkippedPath, Skips } from "./limits.ts";
import type { Parsed } from "./parse.ts";
import { type FileStamp, type ListedFile, listSources, readSource, stampOf } from "./read.ts";
import type { FileIndex, IndexProgress, SkipReason, Tree, TreeIndex } from "./types.ts";
import { searchFolders, type Wanted } from "./wanted.ts";

/** A file as it was when it was indexed. */
export interface Entry {
  readonly stamp: FileStamp;
  readonly index: FileIndex;
  readonly skipped?: SkipReason;
}

/** What a search through the whole tree looked for, in which state of the files. */
export interface Search {
  readonly key: string;
  readonly names: readonly string[];
  readonly skipped: readonly SkippedPath[];
}

/** All that is kept between two runs. */
export interface Snapshot {
  readonly entries: readonly Entry[];
  readonly search: Search | undefined;
}

/** Parses one file; `path` is absolute. */
export type Parse = (path: string, text: string, isWanted: (name: string) => boolean) => Promise<Parsed>;

/**
 * The index of one tree, in the worker. It parses the files the registry names, searches the tree for functions that are
 * not there, and parses where it finds them.
 */
export class TreeIndexer {
  readonly tree: Tree;
  readonly #wanted: readonly Wanted[];
  readonly #limits: Limits;
  readonly #parseFile: Parse;
  readonly #onProgress: (progress: IndexProgress) => void;
  readonly #skips = new Skips();
  readonly #entries = new Map<string, Entry>();
  readonly #names: Set<string>;
  #search: Search | undefined;
  /** Files parsed since it was made; 0 when everything came from the cache. */
  parsed = 0;

  constructor(
    tree: Tree,
    wanted: readonly Wanted[],
    limits: Limits,
    parse: Parse,
    onProgress: (progress: IndexProgress) => void,
  ) {
    this.tree = tree;
    this.#wanted = wanted;
    this.#limits = limits;
    this.#parseFile = parse;
    this.#onProgress = onProgress;
    this.#names = new Set(wanted.flatMap(({ names }) => names));
  }

  /** Takes over what is still as it was. */
  restore(snapshot: Snapshot): void {
    this.#search = snapshot.search;
    for (const entry of snapshot.entries) {
      const now = stampOf(join(this.tree.root, entry.index.path));
      if (now?.mtimeMs === entry.stamp.mtimeMs && now.size === entry.stamp.size) {
        this.#keep(entry);
      }
    }
  }

  snapshot(): Snapshot {
    return { entries: [...this.#entries.values()], search: this.#search };
  }

  async indexAll(): Promise<TreeIndex> {
    const files = [...new Set(this.#wanted.map(({ file }) => file))];
    for (const [done, file] of files.entries()) {
      this.#onProgress({ root: this.tree.root, phase: "reading", done, total: files.length });
      if (!this.#entries.has(file)) await this.#parse(file);
    }
    const missing = this.#wanted.filter(({ names, file }) => !this.#has(file, names));
    return this.search([...new Set(missing.flatMap(({ names }) => names))]);
  }

  #has(file: string, names: readonly string[]): boolean {
    const functions = this.#entries.get(file)?.index.functions;
    return functions?.some(({ name }) => names.includes(name)) ?? false;
  }

  /** Searches the tree for functions by name; those found are in the index afterwards. */
  async search(names: readonly string[]): Promise<TreeIndex> {
    if (names.length > 0) {
      const files = listSources(this.tree.root, searchFolders(this.tree.kind), this.#limits, this.#skips);
      const key = keyOf(files);
      const before: Search = this.#search?.key === key ? this.#search : { key, names: [], skipped: [] };
      for (const [reason, path] of before.skipped) this.#skips.add(reason, path);
      const wanted = new Set(names.filter((name) => !before.names.includes(name)));
      if (wanted.size === 0) return this.result();
      await this.#searchFiles(files, wanted);
      this.#search = { key, names: [...before.names, ...wanted], skipped: this.#skips.list() };
    }
    return this.result();
  }

  async #searchFiles(files: readonly ListedFile[], wanted: ReadonlySet<string>): Promise<void> {
    for (const name of wanted) this.#names.add(name);
    let bytes = 0;
    for (const [done, { path, size }] of files.entries()) {
      this.#onProgress({ root: this.tree.root, phase: "searching", done, total: files.length });
      if (size <= this.#limits.fileBytes) bytes += size;
      if (bytes > this.#limits.searchBytes) {
        this.#skips.add("too much text", path);
        continue;
      }
      // One byte a character: names are ASCII, and decoding would cost more than the search.
      const source = readSource(this.tree.root, path, this.#limits, this.#skips, "latin1");
      if (source === undefined) continue;
      // A file that was parsed for other names may have one that only its text shows.
      const known = new Set(this.#entries.get(path)?.index.functions.map(({ name }) => name));
      if (hasDefinition(source.text, (name) => wanted.has(name) && !known.has(name))) await this.#parse(path);
    }
  }

  /** Reads one file again, after it was saved. A file that was of no interest may have got a function that is. */
  async refresh(path: string): Promise<void> {
    const isKnown = this.#entries.delete(path) || this.#wanted.some(({ file }) => file === path);
    this.#skips.forget(path);
    const source = isKnown ? undefined : readSource(this.tree.root, path, this.#limits, this.#skips, "latin1");
    const isNew = source !== undefined && hasDefinition(source.text, (name) => this.#names.has(name));
    if (isKnown || isNew) await this.#parse(path);
  }

  result(): TreeIndex {
    return {
      files: [...this.#entries.values()].map(({ index }) => index),
      skipped: this.#skips.report(),
      searched: this.#search?.names ?? [],
    };
  }

  async #parse(path: string): Promise<void> {
    const source = readSource(this.tree.root, path, this.#limits, this.#skips);
    if (source === undefined) return;
    const isWanted = (name: string) => this.#names.has(name);
    const { index, skipped } = await this.#parseFile(join(this.tree.root, path), source.text, isWanted);
    this.parsed++;
    const stamp = { mtimeMs: source.mtimeMs, size: source.size };
    this.#keep({ stamp, index: { ...index, path }, ...(skipped === undefined ? {} : { skipped }) });
  }

  #keep(entry: Entry): void {
    const { path } = entry.index;
    if (entry.skipped !== undefined) this.#skips.add(entry.skipped, path);
    this.#entries.set(path, entry);
  }
}

function hasDefinition(text: string, isWanted: (name: string) => boolean): boolean {
  return definitionsInText(new TextLayout(text), isWanted).length > 0;
}

/** Changes when a file is added, removed or written. */
function keyOf(files: readonly ListedFile[]): string {
  const hash = createHash("sha256");
  for (const { path, mtimeMs, size } of files) hash.update(`${path}\0${mtimeMs}\0${size}\n`);
  return hash.digest("hex");
}
