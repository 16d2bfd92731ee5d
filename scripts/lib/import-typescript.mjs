// Lets a script use a module of src/ that the product uses too.

import { join } from "node:path";
import { ROOT } from "./project.mjs";

/** Bundles the module at `path` (from the project's folder) and imports it. It must be free of side effects. */
export async function importTypeScript(path) {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(ROOT, path)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
