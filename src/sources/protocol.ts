import type { Limits } from "./limits.ts";
import type { WasmFiles } from "./parse.ts";
import type { IndexProgress, Tree, TreeIndex } from "./types.ts";
import type { Wanted } from "./wanted.ts";

/** What the worker is started with. */
export interface WorkerSetup {
  readonly wasm: WasmFiles;
  readonly limits: Limits;
  readonly cacheFolder?: string;
  /** Files an earlier thread did not survive; paths are absolute. */
  readonly avoid: readonly string[];
}

export type WorkerRequest =
  /** Makes the tree known to the worker and indexes it. */
  | { readonly kind: "index"; readonly tree: Tree; readonly wanted: readonly Wanted[] }
  /** Reads one file again; `path` is inside the tree. */
  | { readonly kind: "refresh"; readonly root: string; readonly path: string }
  /** Searches the tree for more functions. */
  | { readonly kind: "search"; readonly root: string; readonly names: readonly string[] };

export interface WorkerAnswer {
  readonly index: TreeIndex;
  /** Files parsed for this answer; the others came from the cache. */
  readonly parsed: number;
  /** What went wrong without spoiling the index. */
  readonly notes: readonly string[];
}

export type ToWorker = WorkerRequest & { readonly id: number };

export type FromWorker =
  | { readonly progress: IndexProgress }
  /** The parser is given this file, or (undefined) has done with it. */
  | { readonly parsing: string | undefined }
  | { readonly id: number; readonly answer: WorkerAnswer }
  | { readonly id: number; readonly error: string };
