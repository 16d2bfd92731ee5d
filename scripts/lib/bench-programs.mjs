// Bundles the programs of the benchmarks: this project's, and of another checkout those it is compared by.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleOptions } from "../build.mjs";
import { mustRun, ROOT, step, UserError } from "./project.mjs";

const PROGRAMS = {
  main: "bench/main.ts",
  boot: "bench/programs/boot.ts",
  "boot-plain": "bench/programs/boot-plain.ts",
  "console-ours": "bench/programs/console-ours.ts",
  "console-plain": "bench/programs/console-plain.ts",
  kicks: "bench/programs/kicks.ts",
  "minimal-adapter": "bench/programs/minimal-adapter.ts",
  "terminal-probe": "bench/page/terminal-probe.ts",
  worker: "src/model/thread/worker.ts",
};

/** What a checkout is compared by: its own files, at the first of these places where it has them. */
const OTHERS = {
  "console-ours": ["bench/programs/console-ours.ts"],
  worker: ["src/model/thread/worker.ts"],
};
const SESSIONS = ["src/model/debug/testing/session.ts"];

/** Bundles this project's programs into a folder. */
export async function buildPrograms(out) {
  await bundle(ROOT, out, PROGRAMS);
}

/** Builds another checkout by its own scripts, and bundles into `out` the programs it is compared by. */
export async function buildOther(root, out) {
  await step(`Building ${root}`, () => mustRun(process.execPath, [join(root, "scripts", "build.mjs")], { cwd: root }));
  const own = Object.entries(OTHERS).map(([name, places]) => [name, placeIn(root, places)]);
  const entries = { ...Object.fromEntries(own), kicks: join(ROOT, PROGRAMS.kicks) };
  await bundle(root, out, entries, [sessionOf(join(root, placeIn(root, SESSIONS)))]);
}

/** Throws a UserError unless `root` is a checkout of this project, ready to be built. */
export function checkOther(root) {
  let name;
  try {
    ({ name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  } catch {}
  if (name !== "acrn-virtio") throw new UserError(`--against ${root}: expected a checkout of this project`, 2);
  if (!existsSync(join(root, "node_modules"))) throw new UserError(`${root} has no packages: run npm ci there`, 2);
}

function placeIn(root, places) {
  const place = places.find((path) => existsSync(join(root, path)));
  if (place !== undefined) return place;
  throw new UserError(
    `${root} has none of ${places.join(", ")}: scripts/lib/bench-programs.mjs does not know its layout`,
  );
}

/** Lets our program of kicks drive the other checkout's model. */
const sessionOf = (path) => ({
  name: "session",
  setup: (build) => build.onResolve({ filter: /\/debug\/testing\/session\.ts$/ }, () => ({ path })),
});

async function bundle(root, out, entryPoints, plugins = []) {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "package.json"), '{ "type": "module" }\n');
  const esbuild = await import("esbuild");
  const options = { ...bundleOptions(), absWorkingDir: root, packages: "external", entryPoints, outdir: out, plugins };
  try {
    await esbuild.build(options);
  } catch (error) {
    if (error?.errors) throw new UserError("the benchmarks do not build; see the messages above");
    throw error;
  }
}
