import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Corpus } from "./corpus.ts";
import type { Match } from "./match.ts";
import { MODEL_INDEX_VERSION, type ModelIndex } from "./model-index.ts";
import { type Matcher, StationIndex } from "./station-index.ts";
import type { StationRef } from "./types.ts";

/** Where the model's own sources are: the generated index, and folders with `src/model` in them, the first existing one is taken. */
export interface ModelFiles {
  readonly index: URL;
  readonly roots: readonly URL[];
}

export interface ModelSources {
  readonly root: string;
  readonly index: StationIndex;
}

/** The model's TypeScript as sources of the stations; undefined where the index or the files are missing or damaged. */
export function loadModelSources(files: ModelFiles, stations: readonly StationRef[]): ModelSources | undefined {
  const root = files.roots.map((url) => fileURLToPath(url)).find((path) => existsSync(join(path, "src", "model")));
  const model = readIndex(files.index);
  if (root === undefined || model === undefined) return undefined;
  return { root, index: new StationIndex(model.files, stations, matcherFor(model)) };
}

function readIndex(url: URL): ModelIndex | undefined {
  try {
    const index = JSON.parse(readFileSync(url, "utf8")) as ModelIndex;
    return index.version === MODEL_INDEX_VERSION && Array.isArray(index.files) ? index : undefined;
  } catch {
    return undefined;
  }
}

function matcherFor(model: ModelIndex): Matcher {
  return (corpus: Corpus, station: StationRef): Match | undefined => {
    const places = Object.hasOwn(model.stations, station.id) ? model.stations[station.id] : [];
    const [found, ...others] = places.flatMap(({ path, name }) =>
      corpus.named(name).filter(({ file }) => file.path === path),
    );
    return found === undefined ? undefined : { found, others, how: "file" };
  };
}
