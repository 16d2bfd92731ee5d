// Measures the machine side by side with QEMU and with v86's own console; docs/benchmarks.md tells how to read the result.
//
// usage: node scripts/bench.mjs [--only NAME ...] [--runs N] [--json FILE] [--acrn DIR]
//   --only NAME  one measurement (boot, console, debug, extension); may be given again
//   --runs N     rounds of each measurement, default 5
//   --json FILE  writes the result, with all samples, to FILE too
//   --acrn DIR   a checkout of acrn-hypervisor, to measure how long it takes to index

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build, buildIsFresh, bundleOptions } from "./build.mjs";
import { main, ROOT, UserError } from "./lib/project.mjs";

const OUT = join(ROOT, "node_modules/.cache/acrn-virtio-bench");
const RESULTS = ["vmlinux", "bzImage", "initrd.cpio"];

const ENTRIES = {
  main: "bench/main.ts",
  boot: "bench/programs/boot.ts",
  "boot-plain": "bench/programs/boot-plain.ts",
  "console-ours": "bench/programs/console-ours.ts",
  "console-plain": "bench/programs/console-plain.ts",
  "minimal-adapter": "bench/programs/minimal-adapter.ts",
  "terminal-probe": "bench/page/terminal-probe.ts",
  worker: "src/model/thread/worker.ts",
};

async function buildPrograms() {
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, "package.json"), '{ "type": "module" }\n');
  const esbuild = await import("esbuild");
  try {
    await esbuild.build({ ...bundleOptions(), packages: "external", entryPoints: ENTRIES, outdir: OUT });
  } catch (error) {
    if (error?.errors) throw new UserError("the benchmarks do not build; see the messages above");
    throw error;
  }
}

function options(known) {
  let values;
  try {
    const strings = { type: "string" };
    ({ values } = parseArgs({
      options: { only: { ...strings, multiple: true }, runs: strings, json: strings, acrn: strings },
    }));
  } catch (error) {
    throw new UserError(error.message, 2);
  }
  const { only = [], runs = "5", json, acrn } = values;
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UserError(`--only ${unknown.join(", ")}: expected ${known.join(" or ")}`, 2);
  if (!/^[1-9]\d{0,2}$/.test(runs)) throw new UserError(`--runs ${runs}: expected a number from 1 to 999`, 2);
  if (acrn !== undefined && !existsSync(acrn)) throw new UserError(`--acrn ${acrn}: there is no such folder`, 2);
  return { only, runs: Number(runs), json, acrn: acrn === undefined ? undefined : resolve(acrn), root: ROOT };
}

main(async () => {
  const missing = RESULTS.filter((name) => !existsSync(join(ROOT, "guest-image", name)));
  if (missing.length > 0) throw new UserError("There is no guest image yet; make it with: npm run setup");
  await buildPrograms();
  // The debug adapter and the extension are measured as they are shipped.
  if (!buildIsFresh()) await build();
  process.env.ACRN_VIRTIO_ROOT = ROOT;
  const { bench, MEASUREMENTS } = await import(pathToFileURL(join(OUT, "main.js")).href);
  return bench(options(MEASUREMENTS));
});
