import type { FileIndex } from "./types.ts";

/**
 * Where the model's TypeScript implements the stations: what the build finds in the sources (scripts/lib/model-scan.mjs) and
 * writes to `dist/model-sources.json`.
 */
export interface ModelIndex {
  readonly version: typeof MODEL_INDEX_VERSION;
  /** Paths begin with `src/model/`. */
  readonly files: readonly FileIndex[];
  /** By station id: the TypeScript functions it is made of. */
  readonly stations: { readonly [id: string]: readonly ModelPlace[] };
}

export interface ModelPlace {
  readonly path: string;
  readonly name: string;
}

export const MODEL_INDEX_VERSION = 1;
