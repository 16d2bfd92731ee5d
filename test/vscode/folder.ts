import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder to open in VS Code, with its settings, launch configurations of type acrn, and files. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "acrn-folder-"));

  constructor(
    settings: object,
    configurations: readonly { readonly name: string }[] = [],
    files: { readonly [path: string]: string } = {},
  ) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), text);
    }
    mkdirSync(join(this.path, ".vscode"));
    this.#write("settings.json", settings);
    const all = configurations.map((configuration) => ({ type: "acrn", request: "launch", ...configuration }));
    if (all.length > 0) this.#write("launch.json", { version: "0.2.0", configurations: all });
  }

  #write(name: string, content: object): void {
    writeFileSync(join(this.path, ".vscode", name), JSON.stringify(content, null, 2));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
