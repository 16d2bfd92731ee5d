// Makes the model's TypeScript available as sources of the debugger: the index that says where each station is implemented, and
// a copy of the files for packages that have no src/.

import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./project.mjs";

/** Writes <folder>/model-sources.json and <folder>/model-sources/src/model/. Returns what was found: stations and files. */
export async function writeModelSources(folder = join(ROOT, "dist")) {
  const { readModel } = await scanner();
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

/** The scanner is TypeScript, because the debugger uses it too. */
async function scanner() {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(ROOT, "src/debug-adapter/sources/model-scan.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
