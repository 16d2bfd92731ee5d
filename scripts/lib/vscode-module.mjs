// The module "vscode" in the extension's bundle.

import { readFile } from "node:fs/promises";

const IMPORT = 'import * as vscode from "vscode";';

/**
 * esbuild makes an object with hundreds of properties of each `import * as vscode`, once for each file, before the extension does
 * anything: a third of its activation. VS Code's own object serves as well.
 */
export const vscodeModule = {
  name: "vscode",
  setup(build) {
    build.onLoad({ filter: /[/\\]src[/\\]extension[/\\].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: text.replace(IMPORT, 'const vscode = require("vscode");'), loader: "ts" };
    });
  },
};
