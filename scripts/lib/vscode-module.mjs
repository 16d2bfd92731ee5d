// The module "vscode" for the extension's bundle.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, ROOT } from "./project.mjs";

/** All that the extension's sources name of it; types too, which are undefined then. */
function usedNames() {
  const sources = filesBelow("src/extension", (path) => /(?<!\.test)\.ts$/.test(path));
  const texts = sources.map((path) => readFileSync(join(ROOT, path), "utf8"));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\bvscode\.([A-Za-z]\w*)/g)].map(([, name]) => name)))];
}

/**
 * Without it each `import * as vscode` would make an object with hundreds of properties, once for each file, before the extension
 * does anything: a third of its activation.
 */
export const vscodeModule = {
  name: "vscode",
  setup(build) {
    build.onResolve({ filter: /^vscode$/ }, ({ kind }) =>
      kind === "require-call" ? { path: "vscode", external: true } : { path: "vscode", namespace: "vscode" },
    );
    build.onLoad({ filter: /.*/, namespace: "vscode" }, () => ({
      contents: [
        'const api = require("vscode");',
        ...usedNames().map((name) => `export const ${name} = api.${name};`),
      ].join("\n"),
      resolveDir: ROOT,
    }));
  },
};
