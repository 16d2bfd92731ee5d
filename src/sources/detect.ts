import { opendir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { MARKERS } from "../shared/source-trees.ts";
import type { Tree, TreeKind } from "./types.ts";

/** A checkout named in the configuration is not what it should be. The message says what to do. */
export class SourcesError extends Error {
  override readonly name = "SourcesError";
}

const WHAT: { readonly [kind in TreeKind]: string } = {
  acrn: "the root of an acrn-hypervisor checkout",
  linux: "the root of a Linux or acrn-kernel checkout",
};
const KINDS: readonly TreeKind[] = ["acrn", "linux"];
/** Folders looked at below one workspace folder, and how deep. */
const MAX_FOLDERS = 400;
const MAX_DEPTH = 2;

/** What a folder is the root of, or undefined. */
export async function recognise(folder: string, from: Tree["from"]): Promise<Tree | undefined> {
  for (const kind of KINDS) {
    if ((await missingMarkers(folder, kind)).length > 0) continue;
    if (kind === "acrn") return tree({ kind, root: folder, from }, acrnVersion(await text(join(folder, "VERSION"))));
    const version = linuxVersion(await text(join(folder, "Makefile")));
    // Every kernel's Makefile begins with its version; other projects with such folders have none.
    if (version === undefined) continue;
    return tree({ kind, root: folder, hsm: await hsmOf(folder), from }, version);
  }
  return undefined;
}

const tree = (known: Tree, version: string | undefined): Tree =>
  version === undefined ? known : { ...known, version };

async function hsmOf(folder: string): Promise<Tree["hsm"]> {
  if (await exists(join(folder, "drivers/virt/acrn/sbuf.c"))) return "acrn-kernel";
  return (await exists(join(folder, "drivers/virt/acrn/ioreq.c"))) ? "mainline" : "none";
}

/** The trees at workspace folders or up to two levels below, in the order of the folders. A tree is not searched for others. */
export async function findTrees(folders: readonly string[]): Promise<Tree[]> {
  const found: Tree[] = [];
  const seen = new Set<string>();
  for (const folder of folders) {
    let level = [resolve(folder)];
    let looked = 0;
    for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
      const next: string[] = [];
      for (const path of level) {
        if (seen.has(path) || ++looked > MAX_FOLDERS) continue;
        seen.add(path);
        const here = await recognise(path, "workspace");
        if (here !== undefined) found.push(here);
        else if (depth < MAX_DEPTH) next.push(...(await subfolders(path)));
      }
      level = next;
    }
  }
  return found;
}

/**
 * A checkout named in the configuration: absolute, with `~/`, or relative to the first workspace folder.
 * Throws a SourcesError when it is not one.
 */
export async function namedTree(kind: TreeKind, given: string, workspaceFolders: readonly string[]): Promise<Tree> {
  const expanded = given.startsWith("~/") ? join(homedir(), given.slice(2)) : given;
  const folder = isAbsolute(expanded) ? resolve(expanded) : resolve(workspaceFolders[0] ?? process.cwd(), expanded);
  const found = await recognise(folder, "configured");
  if (found?.kind === kind) return found;
  const what = `sources.${kind} is "${given}", expected ${WHAT[kind]}`;
  const instead = `Name the folder that "git clone" made, or leave sources.${kind} out to use one in the workspace.`;
  if (!(await exists(folder))) throw new SourcesError(`${what}; there is no ${folder}. ${instead}`);
  if (found !== undefined) {
    throw new SourcesError(`${what}; it is ${WHAT[found.kind]}: name it in sources.${found.kind} instead.`);
  }
  const near = await nearbyTree(kind, folder);
  const missing = (await missingMarkers(folder, kind)).join(" and ") || 'its version ("VERSION =" in Makefile)';
  const hint = near === undefined ? instead : `Did you mean ${near}?`;
  throw new SourcesError(`${what}; ${missing} is not there. ${hint}`);
}

/** A tree around or just below a folder, for a person who named one of its folders. */
async function nearbyTree(kind: TreeKind, folder: string): Promise<string | undefined> {
  for (let at = dirname(folder); at !== dirname(at); at = dirname(at)) {
    if ((await recognise(at, "configured"))?.kind === kind) return at;
  }
  return (await findTrees([folder])).find((below) => below.kind === kind)?.root;
}

async function missingMarkers(folder: string, kind: TreeKind): Promise<string[]> {
  const missing: string[] = [];
  for (const marker of MARKERS[kind]) {
    if (!(await exists(join(folder, marker)))) missing.push(marker);
  }
  return missing;
}

async function subfolders(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      if (names.length >= MAX_FOLDERS) break;
      if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules") names.push(entry.name);
    }
  } catch {
    return [];
  }
  return names.sort().map((name) => join(folder, name));
}

/** `MAJOR_VERSION=3`, `MINOR_VERSION=4`, `EXTRA_VERSION=-unstable`. */
export function acrnVersion(file: string | undefined): string | undefined {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(file ?? "")?.[1].trim();
  const major = value("MAJOR_VERSION");
  return major ? `${major}.${value("MINOR_VERSION") ?? 0}${value("EXTRA_VERSION") ?? ""}` : undefined;
}

/** The four variables at the top of the kernel's Makefile. */
export function linuxVersion(makefile: string | undefined): string | undefined {
  const value = (name: string) => new RegExp(`^${name}[ \\t]*=[ \\t]*(.*)$`, "m").exec(makefile ?? "")?.[1].trim();
  const version = value("VERSION");
  const patchlevel = value("PATCHLEVEL");
  if (!version || !patchlevel || !/^\d+$/.test(version + patchlevel)) return undefined;
  const sublevel = value("SUBLEVEL");
  return `${version}.${patchlevel}${sublevel ? `.${sublevel}` : ""}${value("EXTRAVERSION") ?? ""}`;
}

/** What tells a tree from another is short; a FIFO of that name would never end. */
const LONGEST = 1024 * 1024;

async function text(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > LONGEST) return undefined;
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
