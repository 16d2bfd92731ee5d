import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder to open in VS Code, with its settings and launch configurations; they are of type acrn. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "acrn-folder-"));

  constructor(settings: object, configurations: readonly { readonly name: string }[] = []) {
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
