// Writes the stations of the chain as data for the extension, which does not hold the model.

import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { importTypeScript } from "./import-typescript.mjs";
import { ROOT } from "./project.mjs";

/** Writes <folder>/stations.json: a list of StationReference. */
export async function writeStations(folder = join(ROOT, "dist")) {
  const { builtInReference } = await importTypeScript("src/model/stations.ts");
  const path = join(folder, "stations.json");
  writeFileSync(`${path}.new`, JSON.stringify(builtInReference()));
  renameSync(`${path}.new`, path);
}
