// Lets guests and hosts do what they like to a machine, at random, and keeps what breaks it; docs/robustness.md has the figures.
//
// usage: node scripts/fuzz.mjs [--minutes N] [--seed S] [--keep DIR] | --replay FILE
//   --minutes N    how long, default 1; 0.5 is half a minute
//   --seed S       where the random numbers begin, for the same cases once more; default: another each time
//   --keep DIR     folder for the shortest case of each failure, default fuzz-found/
//   --replay FILE  plays a kept case

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundleOptions } from "./build.mjs";
import { main, ROOT, UserError } from "./lib/project.mjs";

const OUT = join(ROOT, "node_modules/.cache/acrn-virtio-fuzz");

function options() {
  const string = { type: "string" };
  let values;
  try {
    ({ values } = parseArgs({ options: { minutes: string, seed: string, keep: string, replay: string } }));
  } catch (error) {
    throw new UserError(error.message, 2);
  }
  const { minutes = "1", seed = String(Date.now() % 1_000_000), keep = "fuzz-found", replay } = values;
  if (!(Number(minutes) > 0 && Number(minutes) <= 10_000)) {
    throw new UserError(`--minutes ${minutes}: expected a number above 0`, 2);
  }
  if (!/^\d{1,9}$/.test(seed)) throw new UserError(`--seed ${seed}: expected a number from 0 to 999999999`, 2);
  if (replay !== undefined && !existsSync(replay)) throw new UserError(`--replay ${replay}: there is no such file`, 2);
  return { seconds: Number(minutes) * 60, seed: Number(seed), keep: resolve(ROOT, keep), replay };
}

main(async () => {
  const chosen = options();
  const esbuild = await import("esbuild");
  await esbuild.build({
    ...bundleOptions(),
    packages: "external",
    entryPoints: { main: "fuzz/main.ts", worker: "fuzz/worker.ts" },
    outdir: OUT,
  });
  const { fuzz, replay } = await import(pathToFileURL(join(OUT, "main.js")).href);
  return chosen.replay === undefined ? fuzz(chosen) : replay(chosen.replay);
});
