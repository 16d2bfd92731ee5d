// Makes the extension's package, one .vsix per platform.
//
// usage: npm run package [-- --target TARGET] [-- --out FILE]
//   --target TARGET  linux-x64, linux-arm64, darwin-x64, darwin-arm64 or win32-x64; may be given several times; this
//                    platform without it
//   --out FILE       the file to write, for one target

import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { filesBelow, isProgram, main, onStop, ROOT, say, step, UserError } from "./lib/project.mjs";
import { setup } from "./setup.mjs";

export const TARGETS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"];

/** A package that is larger holds something that does not belong there. */
const LIMIT = 20e6;

/** This machine's target; a UserError when there is no package for it. */
export function ownTarget() {
  const target = `${process.platform}-${process.arch}`;
  if (!TARGETS.includes(target))
    throw new UserError(`There is no package for ${target}, only for ${TARGETS.join(", ")}.`);
  return target;
}

/** Packs what the set-up made. Returns the path of the .vsix. */
export async function makePackage(target = ownTarget(), output) {
  // Imported late: they need what the set-up installs.
  const { stage } = await import("./package/staging.mjs");
  const { writeVsix } = await import("./package/vsix.mjs");
  const folder = mkdtempSync(join(ROOT, ".package."));
  let incoming;
  const clean = onStop(() => {
    rmSync(folder, { recursive: true, force: true });
    if (incoming !== undefined) rmSync(incoming, { force: true });
  });
  try {
    const manifest = await stage(target, folder);
    const name = `${manifest.name}-${manifest.version}-${target}.vsix`;
    const path = output ?? join(ROOT, name);
    const prefix = `${relative(ROOT, folder)}/`;
    const files = filesBelow(relative(ROOT, folder)).map((file) => file.slice(prefix.length));
    const nls = JSON.parse(readFileSync(join(ROOT, "package.nls.json"), "utf8"));
    // Beside the file it becomes: a rename stays within a file system.
    incoming = `${path}.new`;
    await writeVsix({ manifest, nls, target, folder, files, output: incoming });
    const { size } = statSync(incoming);
    if (size > LIMIT) throw new UserError(`${name} has ${size} bytes, more than the ${LIMIT} it may have`);
    renameSync(incoming, path);
    say(`  ${relative(process.cwd(), path)}: ${(size / 1e6).toFixed(1)} MB, ${files.length} files`);
    return path;
  } finally {
    clean();
  }
}

if (isProgram(import.meta.url)) {
  main(async () => {
    let values;
    try {
      ({ values } = parseArgs({ options: { target: { type: "string", multiple: true }, out: { type: "string" } } }));
    } catch (error) {
      throw new UserError(`${error.message}\nusage: npm run package [-- --target TARGET] [-- --out FILE]`, 2);
    }
    const targets = values.target ?? [ownTarget()];
    for (const target of targets) {
      if (!TARGETS.includes(target)) throw new UserError(`--target ${target}: expected ${TARGETS.join(", ")}`, 2);
    }
    if (values.out && targets.length > 1) throw new UserError("--out takes one target", 2);
    await setup();
    for (const target of targets) {
      await step(`Packing for ${target}`, () => makePackage(target, values.out && resolve(values.out)));
    }
  });
}
