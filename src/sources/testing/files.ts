import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { SourceFiles } from "../sources.ts";

/** The project, whose node_modules has the WebAssembly files. */
export const ROOT = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();

export const wasm = {
  runtime: join(ROOT, "node_modules/web-tree-sitter/web-tree-sitter.wasm"),
  grammar: join(ROOT, "node_modules/tree-sitter-c/tree-sitter-c.wasm"),
};

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes away with the process. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "acrn-sources-")));
  folders.push(folder);
  return folder;
}

/** What lies beside the bundle in dist/, made for one test file. */
export async function makeSourceFiles(): Promise<SourceFiles> {
  const worker = join(temporaryFolder(), "source-indexer.mjs");
  await build({
    entryPoints: [join(ROOT, "src/sources/worker.ts")],
    outfile: worker,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
  const model = { index: pathToFileURL(join(ROOT, "dist/model-sources.json")), roots: [pathToFileURL(`${ROOT}/`)] };
  return { worker: pathToFileURL(worker), wasm, model };
}
