// Makes the model's TypeScript available as sources of the debugger: the index that says where each station is implemented, and
// a copy of the files for packages that have no src/.

import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { importTypeScript } from "./import-typescript.mjs";
import { ROOT } from "./project.mjs";

/** Writes <folder>/model-sources.json and <folder>/model-sources/src/model/. Returns what was found: stations and files. */
export async function writeModelSources(folder = join(ROOT, "dist")) {
  const { readModel } = await importTypeScript("src/sources/model-scan.ts");
  const model = readModel(ROOT);
  const copies = join(folder, "model-sources");
  rmSync(copies, { recursive: true, force: true });
  for (const { path } of model.files) {
    mkdirSync(dirname(join(copies, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(copies, path));
  }
  const index = join(folder, "model-sources.json");
  writeFileSync(`${index}.new`, JSON.stringify(model));
  renameSync(`${index}.new`, index);
  return { stations: Object.keys(model.stations).length, files: model.files.length };
}
