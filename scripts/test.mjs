// Builds the tests and runs them with Node's test runner.
//
// usage: node scripts/test.mjs [--build-only | --in-process] [filter ...]
//   filter        part of a test file's path; all tests without one
//   --build-only  stop after building into out/
//   --in-process  import the test files here instead of starting processes (for a debugger)
//
// Tests find the project by the environment variable ACRN_VIRTIO_ROOT, because import.meta.url is in out/ when they run.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, buildIsFresh, bundleOptions } from "./build.mjs";
import { filesBelow, main, ROOT, run, UserError } from "./lib/project.mjs";

const OUT = join(ROOT, "out");

function testFiles(filters) {
  const isTest = (path) => path.endsWith(".test.ts");
  const all = [...filesBelow("src", isTest), ...filesBelow("test", isTest)];
  const chosen = filters.length === 0 ? all : all.filter((path) => filters.some((filter) => path.includes(filter)));
  if (chosen.length === 0) {
    throw new UserError(`no test file matches ${filters.join(", ") || "src/**/*.test.ts or test/**/*.test.ts"}`, 2);
  }
  return chosen;
}

async function buildTests(sources) {
  rmSync(OUT, { recursive: true, force: true });
  const esbuild = await import("esbuild");
  try {
    await esbuild.build({
      ...bundleOptions(),
      packages: "external",
      entryPoints: sources,
      outbase: ".",
      outdir: "out",
      outExtension: { ".js": ".mjs" },
    });
  } catch (error) {
    if (error?.errors) throw new UserError("the tests do not build; see the messages above");
    throw error;
  }
  return sources.map((path) => join(OUT, path.replace(/\.ts$/, ".mjs")));
}

main(async () => {
  const args = process.argv.slice(2);
  const flags = new Set(args.filter((argument) => argument.startsWith("--")));
  for (const flag of flags) {
    if (flag !== "--build-only" && flag !== "--in-process") throw new UserError(`unknown option ${flag}`, 2);
  }
  const built = await buildTests(testFiles(args.filter((argument) => !argument.startsWith("--"))));
  // Tests of the whole product run what is in dist/.
  if (!buildIsFresh()) await build();
  process.env.ACRN_VIRTIO_ROOT = ROOT;
  if (flags.has("--build-only")) return 0;
  if (flags.has("--in-process")) {
    process.setSourceMapsEnabled(true);
    for (const path of built) await import(pathToFileURL(path).href);
    // The tests run once this module is done; Node ends by itself, with the exit code the test runner sets.
    await new Promise(() => {});
  }
  const { code } = await run(process.execPath, ["--enable-source-maps", "--test", "--test-reporter=spec", ...built], {
    inherit: true,
  });
  return code;
});
