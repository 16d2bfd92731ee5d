import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { MARKERS, type TreeKind } from "../../debug-adapter/protocol-trees.ts";

const KINDS: readonly TreeKind[] = ["acrn", "linux"];
/** Folders looked at below one folder of the workspace. */
const MAX_FOLDERS = 100;

/** What a folder is the topmost folder of. */
export async function treeKind(folder: string): Promise<TreeKind | undefined> {
  for (const kind of KINDS) {
    if (await hasAll(folder, MARKERS[kind])) return kind;
  }
  return undefined;
}

/** One after the other: the first is missing nearly everywhere. */
async function hasAll(folder: string, markers: readonly string[]): Promise<boolean> {
  for (const marker of markers) {
    try {
      await stat(join(folder, marker));
    } catch {
      return false;
    }
  }
  return true;
}

/** The first tree of each kind among some folders and the folders in them. */
export async function findTrees(folders: readonly string[]): Promise<{ readonly [kind in TreeKind]?: string }> {
  const found: { [kind in TreeKind]?: string } = {};
  for (const folder of folders) {
    const kind = await treeKind(folder);
    if (kind !== undefined) {
      found[kind] ??= folder;
      continue;
    }
    for (const name of await subfolders(folder)) {
      const below = join(folder, name);
      const kindBelow = await treeKind(below);
      if (kindBelow !== undefined) found[kindBelow] ??= below;
    }
  }
  return found;
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
      .map(({ name }) => name)
      .sort()
      .slice(0, MAX_FOLDERS);
  } catch {
    return [];
  }
}
