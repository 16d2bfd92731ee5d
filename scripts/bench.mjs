// Measures the machine side by side with QEMU and with v86's own console; docs/benchmarks.md tells how to read the result.
//
// usage: node scripts/bench.mjs [--only NAME ...] [--runs N] [--short] [--json FILE] [--acrn DIR] [--against DIR]
//   --only NAME    one measurement (boot, console, debug, extension; with --against kick, console, boot, steps); may be given again
//   --runs N       rounds of each measurement, default 5
//   --short        each as short as it can be, to see that it can be measured
//   --json FILE    writes the result, with all samples, to FILE too
//   --acrn DIR     a checkout of acrn-hypervisor, to measure how long it takes to index
//   --against DIR  another checkout of this project, with its packages installed: it is built, and compared with this one

import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build, buildIsFresh } from "./build.mjs";
import { buildOther, buildPrograms, checkOther } from "./lib/bench-programs.mjs";
import { main, ROOT, UserError } from "./lib/project.mjs";

const OUT = join(ROOT, "node_modules/.cache/acrn-virtio-bench");
const OTHER = join(OUT, "other");
const IMAGE = join(OUT, "image");
const RESULTS = ["vmlinux", "bzImage", "initrd.cpio"];

function options() {
  let values;
  try {
    const string = { type: "string" };
    ({ values } = parseArgs({
      options: {
        ...{ only: { ...string, multiple: true }, runs: string, json: string, acrn: string, against: string },
        short: { type: "boolean" },
      },
    }));
  } catch (error) {
    throw new UserError(error.message, 2);
  }
  const { only = [], runs = "5", short = false, json, acrn, against } = values;
  if (!/^[1-9]\d{0,2}$/.test(runs)) throw new UserError(`--runs ${runs}: expected a number from 1 to 999`, 2);
  if (acrn !== undefined && !existsSync(acrn)) throw new UserError(`--acrn ${acrn}: there is no such folder`, 2);
  if (against !== undefined) checkOther(resolve(against));
  return {
    ...{ only, runs: Number(runs), short, json, root: ROOT },
    acrn: acrn === undefined ? undefined : resolve(acrn),
    against:
      against === undefined ? undefined : { side: { root: resolve(against), programs: OTHER }, guest: guestFiles() },
  };
}

/** The image apart from the project: a command line gives its own image more than one from somewhere else. */
function guestFiles() {
  return { kernel: join(IMAGE, "vmlinux"), initrd: join(IMAGE, "initrd.cpio") };
}

main(async () => {
  const chosen = options();
  const missing = RESULTS.filter((name) => !existsSync(join(ROOT, "guest-image", name)));
  if (missing.length > 0) throw new UserError("There is no guest image yet; make it with: npm run setup");
  await buildPrograms(OUT);
  process.env.ACRN_VIRTIO_ROOT = ROOT;
  const { bench, measurementsOf } = await import(pathToFileURL(join(OUT, "main.js")).href);
  const known = Object.keys(measurementsOf(chosen));
  const unknown = chosen.only.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UserError(`--only ${unknown.join(", ")}: expected ${known.join(" or ")}`, 2);
  // The debug adapter and the extension are measured as they are shipped.
  if (!buildIsFresh()) await build();
  if (chosen.against !== undefined) {
    await buildOther(chosen.against.side.root, OTHER);
    mkdirSync(IMAGE, { recursive: true });
    for (const name of ["vmlinux", "initrd.cpio"]) copyFileSync(join(ROOT, "guest-image", name), join(IMAGE, name));
  }
  return bench(chosen);
});
