// Bundles the sources into dist/.  usage: node scripts/build.mjs [--watch] [entry ...]

import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeModelSources } from "./lib/model-sources.mjs";
import { filesBelow, hashFiles, isProgram, main, ROOT, readStamp, say, UserError } from "./lib/project.mjs";
import { writeStations } from "./lib/stations.mjs";
import { vscodeModule } from "./lib/vscode-module.mjs";

/** What is built: the name in dist/ and its source. */
export const ENTRIES = {
  cli: "src/cli/main.ts",
  worker: "src/model/thread/worker.ts",
  "source-indexer": "src/sources/worker.ts",
  "record-symbols": "src/cli/record-symbols.ts",
};

/** What VS Code loads: CommonJS, in one small file. */
const EXTENSION = { source: "src/extension/main.ts", out: "dist/extension.cjs" };

/** What webviews load: a script and a style sheet each. */
const WEBVIEWS = ["notify-chain", "virtqueue"];

/** Not bundled: these packages find files of their own beside themselves (WebAssembly, a native module). */
export const EXTERNAL = ["v86", "@lydell/node-pty", "iced-x86"];

/** WebAssembly in dist/, and the packages it comes from. */
export const WASM = {
  "v86.wasm": "v86/build/v86.wasm",
  "web-tree-sitter.wasm": "web-tree-sitter/web-tree-sitter.wasm",
  "tree-sitter-c.wasm": "tree-sitter-c/tree-sitter-c.wasm",
};

/** Some bundled packages are CommonJS and call require() for Node's own modules. */
const REQUIRE = {
  js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

const STAMP = "dist/.stamp";

export function bundleOptions() {
  return {
    absWorkingDir: ROOT,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    sourcesContent: false,
    external: EXTERNAL,
    logLevel: "warning",
  };
}

function extensionOptions() {
  const options = { ...bundleOptions(), format: "cjs", minify: true, external: ["vscode"], plugins: [vscodeModule] };
  return { ...options, entryPoints: [EXTENSION.source], outfile: EXTENSION.out };
}

function webviewOptions() {
  const entries = WEBVIEWS.flatMap((name) => [
    [name, `src/webview/${name}/main.ts`],
    [`${name}.style`, `src/webview/${name}/style.css`],
  ]);
  const options = {
    ...bundleOptions(),
    format: "iife",
    platform: "browser",
    target: "es2022",
    external: [],
    sourcemap: false,
  };
  return { ...options, minify: true, entryPoints: Object.fromEntries(entries), outdir: "dist/webview" };
}

const webviewFiles = () => WEBVIEWS.flatMap((name) => [`dist/webview/${name}.js`, `dist/webview/${name}.style.css`]);

function inputHash() {
  const sources = filesBelow("src", (path) => !path.endsWith(".test.ts"));
  const tools = [
    "build",
    "lib/model-scan",
    "lib/model-sources",
    "lib/stations",
    "lib/typescript",
    "lib/vscode-module",
  ].map((name) => `scripts/${name}.mjs`);
  return hashFiles([...sources, ...tools, "package-lock.json"]);
}

export function buildIsFresh() {
  return (
    readStamp(STAMP) === inputHash() &&
    [EXTENSION.out, ...webviewFiles()].every((path) => existsSync(join(ROOT, path))) &&
    Object.keys(ENTRIES).every((name) => existsSync(join(ROOT, "dist", `${name}.js`)))
  );
}

/** Builds the named entries, all by default. dist/ is marked complete only when all were built. */
export async function build(names = Object.keys(ENTRIES)) {
  for (const name of names) {
    if (!ENTRIES[name])
      throw new UserError(`"${name}" is not built here; expected ${Object.keys(ENTRIES).join(", ")}`, 2);
    if (!existsSync(join(ROOT, ENTRIES[name]))) {
      throw new UserError(`${ENTRIES[name]} is missing, so dist/${name}.js cannot be built`);
    }
  }
  const hash = inputHash();
  const all = names.length === Object.keys(ENTRIES).length;
  if (all) rmSync(join(ROOT, STAMP), { force: true });
  const esbuild = await import("esbuild");
  try {
    await esbuild.build({ ...bundleOptions(), banner: REQUIRE, entryPoints: entryPoints(names), outdir: "dist" });
    if (all) await Promise.all([esbuild.build(extensionOptions()), esbuild.build(webviewOptions())]);
  } catch (error) {
    if (error?.errors) throw new UserError("the build failed; see the messages above");
    throw error;
  }
  copyWasm();
  if (all) {
    await writeModelSources();
    await writeStations();
    writeFileSync(join(ROOT, `${STAMP}.new`), `${hash}\n`);
    renameSync(join(ROOT, `${STAMP}.new`), join(ROOT, STAMP));
  }
}

const entryPoints = (names) => Object.fromEntries(names.map((name) => [name, ENTRIES[name]]));

function copyWasm() {
  mkdirSync(join(ROOT, "dist"), { recursive: true });
  for (const [name, path] of Object.entries(WASM)) {
    copyFileSync(join(ROOT, "node_modules", path), join(ROOT, "dist", name));
  }
}

async function watch() {
  rmSync(join(ROOT, STAMP), { force: true });
  const esbuild = await import("esbuild");
  const context = await esbuild.context({
    ...bundleOptions(),
    banner: REQUIRE,
    entryPoints: entryPoints(Object.keys(ENTRIES)),
    outdir: "dist",
    logLevel: "info",
  });
  copyWasm();
  await writeModelSources();
  await writeStations();
  const extension = await esbuild.context({ ...extensionOptions(), logLevel: "info" });
  const webviews = await esbuild.context({ ...webviewOptions(), logLevel: "info" });
  await Promise.all([context.watch(), extension.watch(), webviews.watch()]);
  say("watching src/; stop with Ctrl-C");
  await new Promise(() => {});
}

if (isProgram(import.meta.url)) {
  main(async () => {
    const names = process.argv.slice(2).filter((argument) => argument !== "--watch");
    if (process.argv.includes("--watch")) return watch();
    await build(names.length > 0 ? names : undefined);
  });
}
