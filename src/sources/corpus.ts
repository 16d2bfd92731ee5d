import type { FileIndex, FunctionDef } from "./types.ts";

export interface Found {
  readonly file: FileIndex;
  readonly def: FunctionDef;
}

/** The indexed files of one tree, or of the model, by path and by function name. */
export class Corpus {
  readonly #files: ReadonlyMap<string, FileIndex>;
  readonly #byName = new Map<string, Found[]>();

  constructor(files: readonly FileIndex[]) {
    this.#files = new Map(files.map((file) => [file.path, file]));
    for (const file of files) {
      for (const def of file.functions) {
        const same = this.#byName.get(def.name);
        if (same === undefined) this.#byName.set(def.name, [{ file, def }]);
        else same.push({ file, def });
      }
    }
  }

  file(path: string): FileIndex | undefined {
    return this.#files.get(path);
  }

  /** All definitions of a function. */
  named(name: string): readonly Found[] {
    return this.#byName.get(name) ?? [];
  }
}

/** The definition with the longest body: stubs for a feature that is configured out are short. */
export function longest(found: readonly Found[]): Found | undefined {
  const length = ({ def }: Found) => def.end - def.start;
  return found.reduce<Found | undefined>(
    (best, one) => (best === undefined || length(one) > length(best) ? one : best),
    undefined,
  );
}
