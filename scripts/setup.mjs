// Makes a fresh clone ready: packages, build, guest image. Each part is done only when its inputs have changed, so a second run
// takes a moment.  usage: node scripts/setup.mjs

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { npm } from "./lib/npm.mjs";
import { hashFiles, isProgram, main, mustRun, ROOT, readStamp, say, step, UserError } from "./lib/project.mjs";

const PACKAGES_STAMP = "node_modules/.acrn-virtio-stamp";
const IMAGE = "guest-image";
const SYMBOLS_STAMP = `${IMAGE}/.kallsyms-stamp`;

/** Makes everything ready, or all but the guest image for somebody who brings one. */
export async function setup({ guestImage = true } = {}) {
  checkNode();
  await installPackages();
  // Imported late: they need what was just installed.
  const { build, buildIsFresh } = await import("./build.mjs");
  if (!buildIsFresh()) await step("Building", () => build());
  if (!guestImage) return;
  const { guestImageIsFresh, makeGuestImage } = await import("./guest-image.mjs");
  if (!guestImageIsFresh()) {
    say("* Making the guest image (once; later only when its inputs change)");
    await makeGuestImage();
  }
  await recordSymbols();
}

/** Boots the image once to learn where its modules' functions are; again only for another image. */
async function recordSymbols() {
  const stamp = hashFiles([`${IMAGE}/manifest.json`]);
  if (readStamp(SYMBOLS_STAMP) === stamp) return;
  const program = join(ROOT, "dist", "record-symbols.js");
  await step("Booting the guest once to record its symbols", () =>
    // It tells how far it is.
    mustRun(process.execPath, [program, join(ROOT, IMAGE, "kallsyms.gz")], { inherit: true }),
  );
  writeFileSync(join(ROOT, SYMBOLS_STAMP), `${stamp}\n`);
}

function checkNode() {
  const wanted = Number(/\d+/.exec(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).engines.node)[0]);
  const found = Number(process.versions.node.split(".")[0]);
  if (found < wanted) {
    throw new UserError(`This is Node ${process.versions.node}; version ${wanted} or newer is needed.`);
  }
}

/** `npm ci`, unless it was done for this lock file by this platform before. */
async function installPackages() {
  const stamp = `${process.platform}-${process.arch} ${hashFiles(["package.json", "package-lock.json"])}`;
  if (readStamp(PACKAGES_STAMP) === stamp) return;
  // While npm works, and when it is stopped, nothing says that the packages are there.
  rmSync(join(ROOT, PACKAGES_STAMP), { force: true });
  await step("Installing npm packages", () => npm(["ci", "--no-audit", "--no-fund"]));
  mkdirSync(join(ROOT, "node_modules"), { recursive: true });
  writeFileSync(join(ROOT, `${PACKAGES_STAMP}.new`), `${stamp}\n`);
  renameSync(join(ROOT, `${PACKAGES_STAMP}.new`), join(ROOT, PACKAGES_STAMP));
}

if (isProgram(import.meta.url)) {
  main(async () => {
    await setup();
    say("Everything is ready.");
  });
}
