// Makes the model's TypeScript available as sources of the debugger: the index that says where each station is implemented, and
// a copy of the files for packages that have no src/.

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { importTypeScript } from "./import-typescript.mjs";
import { scanModel } from "./model-scan.mjs";
import { filesBelow, ROOT } from "./project.mjs";

/** What scanModel() finds in the project's model. Test files are no part of it. */
export function readModel() {
  const isProduct = (path) => path.endsWith(".ts") && !/\.(test|fixture)\.ts$|[/\\]testing[/\\]/.test(path);
  const paths = filesBelow("src/model", isProduct);
  return scanModel(paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") })));
}

/** Writes <folder>/model-sources.json and <folder>/model-sources/src/model/. Returns what was found: stations and files. */
export async function writeModelSources(folder = join(ROOT, "dist")) {
  const { MODEL_INDEX_VERSION } = await importTypeScript("src/sources/model-index.ts");
  const model = { version: MODEL_INDEX_VERSION, ...readModel() };
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
