import { realpathSync } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";
import { findTrees, namedTree } from "./detect.ts";
import type { StationIndex } from "./station-index.ts";
import type { SkipReport, StationRef, Tree, TreeKind } from "./types.ts";
import { ACRN_KERNEL, kindOf, unavailable } from "./wanted.ts";

/** A checkout in use, and how far its index is. */
export interface TreeState {
  readonly tree: Tree;
  index?: StationIndex;
  skipped?: SkipReport;
  /** Why there is no index. */
  failure?: string;
}

export interface ChosenTrees {
  readonly used: readonly Tree[];
  /** Found, but another one is used. */
  readonly ignored: readonly Tree[];
}

/** Linux trees used at a time: say, one for the Service VM and one for the guest. */
const MAX_TREES: { readonly [kind in TreeKind]: number } = { acrn: 1, linux: 3 };

/** Those named in the configuration replace those in the workspace, kind by kind. Rejects with a SourcesError. */
export async function chooseTrees(
  named: { readonly acrn?: string; readonly linux?: string | readonly string[] },
  workspaceFolders: readonly string[],
): Promise<ChosenTrees> {
  const configured: Tree[] = [];
  if (named.acrn) configured.push(await namedTree("acrn", named.acrn, workspaceFolders));
  for (const given of typeof named.linux === "string" ? [named.linux] : (named.linux ?? [])) {
    if (given) configured.push(await namedTree("linux", given, workspaceFolders));
  }
  const found = await findTrees(workspaceFolders);
  const used: Tree[] = [];
  const ignored: Tree[] = [];
  for (const tree of [...configured, ...found]) {
    if (used.some(({ root }) => root === tree.root)) continue;
    const same = used.filter(({ kind }) => kind === tree.kind);
    const isReplaced = tree.from === "workspace" && same.some(({ from }) => from === "configured");
    (isReplaced || same.length >= MAX_TREES[tree.kind] ? ignored : used).push(tree);
  }
  return { used, ignored };
}

/** The trees a station may be in, the likeliest first. */
export function treesFor(station: StationRef, states: readonly TreeState[]): TreeState[] {
  const rank = ({ tree }: TreeState) => {
    if (station.layer !== "service-vm") return 0;
    return tree.hsm === "acrn-kernel" ? 0 : tree.hsm === "mainline" ? 1 : 2;
  };
  return states.filter(({ tree }) => tree.kind === kindOf(station)).sort((a, b) => rank(a) - rank(b));
}

/** Why a station is in none of the trees. */
export function missingReason(station: StationRef, states: readonly TreeState[]): string {
  const kind = kindOf(station);
  const [state] = states;
  if (state === undefined) {
    const what = kind === "acrn" ? "acrn-hypervisor" : station.repository === ACRN_KERNEL ? "acrn-kernel" : "Linux";
    return `no ${what} checkout is in the workspace or named in sources.${kind}`;
  }
  const { tree, skipped, failure } = state;
  if (failure !== undefined) return `${tree.root} is not indexed: ${failure}`;
  if (state.index === undefined) return `${tree.root} is still being indexed`;
  const unfit = unavailable(station, tree);
  if (unfit !== undefined) return `${station.id} is not in ${describe(tree)}: ${unfit}`;
  if (station.file === "") return `${station.id} is not in the files of ${describe(tree)} that are indexed`;
  for (const [reason, { examples }] of Object.entries(skipped ?? {})) {
    if (examples.includes(station.file)) return `${station.file} of ${describe(tree)} was skipped: ${reason}`;
  }
  const file = state.index.corpus.file(station.file);
  const where = file === undefined ? `there is no ${station.file}` : `${station.file} has no such function`;
  const aliases = station.aliases?.length ? ` (or ${station.aliases.join(", ")})` : "";
  return `${station.id}${aliases} is not in ${describe(tree)}: ${where}, nor has another file`;
}

/** `/src/linux (Linux 6.12.1)`. */
export function describe(tree: Tree): string {
  const name = tree.kind === "acrn" ? "acrn-hypervisor" : tree.hsm === "acrn-kernel" ? "acrn-kernel" : "Linux";
  return `${tree.root} (${name}${tree.version === undefined ? "" : ` ${tree.version}`})`;
}

/** A path inside a folder, with forward slashes; undefined when it is outside. Both may be behind symbolic links. */
export function pathInside(folder: string, path: string): string | undefined {
  for (const [from, to] of [
    [folder, path],
    [realPath(folder), path],
    [realPath(folder), realPath(path)],
  ]) {
    const inside = relative(from, to);
    if (inside !== "" && !inside.startsWith("..") && !isAbsolute(inside)) return inside.split(sep).join("/");
  }
  return undefined;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
