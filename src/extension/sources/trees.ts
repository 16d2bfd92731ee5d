import { stat } from "node:fs/promises";
import { join } from "node:path";
import { MARKERS, type TreeKind } from "../../shared/source-trees.ts";

const KINDS: readonly TreeKind[] = ["acrn", "linux"];

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
