// Makes the guest image: fetches Debian packages, unpacks them, and lets `acrn-virtio image` make the folder guest-image/ of them.
//
// usage: node scripts/guest-image.mjs [--overlay DIR] [--refresh]
//   --overlay DIR  put the files of DIR over those of the image (kept only until the image is made anew)
//   --refresh      ask for newer packages instead of using the ones fetched before
//
// Everything is made in a temporary folder and moved into place at the end, so an interrupted run leaves no image.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, buildIsFresh } from "./build.mjs";
import {
  findKernel,
  LAST_I386_RELEASE,
  noKernelError,
  PrivateApt,
  readDebs,
  requireApt,
  unpack,
} from "./guest-image/apt.mjs";
import {
  filesBelow,
  hashFiles,
  isProgram,
  main,
  mustRun,
  onStop,
  ROOT,
  readStamp,
  say,
  step,
  UserError,
} from "./lib/project.mjs";

const IMAGE = "guest-image";
const STAMP = `${IMAGE}/.stamp`;
const RESULTS = ["vmlinux", "bzImage", "initrd.cpio", "manifest.json"];
const DEBS = join(ROOT, IMAGE, "cache", "debs");

/** What makes an image of the packages. */
const MAKERS = ["src/model/host/guest-image.ts", "src/model/host/overlay.ts", "src/model/host/unpack.ts"];

function inputHash() {
  const sources = filesBelow("src/model/guest/image", (path) => !path.endsWith(".test.ts"));
  return hashFiles([
    ...[...sources, ...MAKERS, ...filesBelow("guest"), ...filesBelow("scripts/guest-image")],
    "scripts/guest-image.mjs",
  ]);
}

export function guestImageIsFresh() {
  return readStamp(STAMP) === inputHash() && RESULTS.every((name) => existsSync(join(ROOT, IMAGE, name)));
}

export async function makeGuestImage({ overlay, refresh = false } = {}) {
  if (overlay !== undefined && !statSync(overlay, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`--overlay ${overlay}: expected a folder`, 2);
  }
  const hash = inputHash();
  if (!buildIsFresh()) await step("Building the program that makes it", () => build(["cli"]));
  if (refresh || !(await cachedPackages())) await fetchPackages();
  const debs = await cachedPackages();
  removeLeftovers();
  const temporary = mkdtempSync(join(ROOT, ".guest-image."));
  const clean = onStop(() => rmSync(temporary, { recursive: true, force: true }));
  try {
    await step("Making kernel and initramfs", () => assemble(debs, temporary, overlay));
    // Without its stamp the old image does not count, so being stopped between two renames leaves no mixture behind.
    rmSync(join(ROOT, STAMP), { force: true });
    for (const name of RESULTS) renameSync(join(temporary, name), join(ROOT, IMAGE, name));
    writeFileSync(join(temporary, "stamp"), `${overlay === undefined ? hash : "with an overlay"}\n`);
    renameSync(join(temporary, "stamp"), join(ROOT, STAMP));
  } finally {
    clean();
  }
}

/** Removes the temporary folders of runs that were killed. One that is an hour old belongs to nobody any more. */
function removeLeftovers() {
  for (const name of readdirSync(ROOT).filter((name) => name.startsWith(".guest-image."))) {
    const age = Date.now() - statSync(join(ROOT, name)).mtimeMs;
    if (age > 3600_000) rmSync(join(ROOT, name), { recursive: true, force: true });
  }
}

/** The packages fetched before, or undefined when they are not all there. A complete set has been moved there whole. */
async function cachedPackages() {
  if (!existsSync(DEBS)) return undefined;
  requireApt();
  const debs = await readDebs(DEBS);
  const kernel = debs.find(({ name }) => /^linux-image-\d/.test(name));
  const busybox = debs.find(({ name }) => name === "busybox-static");
  return kernel && busybox ? { kernel, busybox, all: debs } : undefined;
}

async function fetchPackages() {
  requireApt();
  const folder = join(ROOT, IMAGE, "cache", "apt");
  const incoming = join(ROOT, IMAGE, "cache", "debs.new");
  const apt = new PrivateApt(folder, "i386");
  await apt.prepare();
  await step("Reading Debian's package lists (i386)", () => apt.update());
  let kernel = await findKernel(apt);
  if (!kernel && (await apt.useRelease(LAST_I386_RELEASE))) {
    await step(`No 32-bit kernel in this release; reading the lists of ${LAST_I386_RELEASE}`, () => apt.update());
    kernel = await findKernel(apt);
  }
  if (!kernel) throw noKernelError(apt.lastUpdate);
  rmSync(incoming, { recursive: true, force: true });
  const names = [kernel.meta, kernel.image, "busybox-static"];
  await step(`Downloading ${names.join(", ")} (about 53 MB)`, () => apt.download(names, incoming));
  rmSync(DEBS, { recursive: true, force: true });
  renameSync(incoming, DEBS);
  rmSync(folder, { recursive: true, force: true });
}

async function assemble(debs, target, overlay) {
  const packages = join(target, "packages");
  for (const { path } of [debs.kernel, debs.busybox]) await unpack(path, packages);
  const over = overlay === undefined ? [] : ["--overlay", resolve(overlay)];
  const program = join(ROOT, "bin", "acrn-virtio.mjs");
  await mustRun(process.execPath, [program, "image", "--packages", packages, "--out", target, ...over]);
  const manifest = JSON.parse(readFileSync(join(target, "manifest.json"), "utf8"));
  manifest.packages = debs.all.map(({ path, ...deb }) => deb);
  writeFileSync(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

if (isProgram(import.meta.url)) {
  main(async () => {
    let values;
    try {
      ({ values } = parseArgs({ options: { overlay: { type: "string" }, refresh: { type: "boolean" } } }));
    } catch (error) {
      throw new UserError(`${error.message}\nusage: npm run guest-image [-- --overlay DIR] [-- --refresh]`, 2);
    }
    mkdirSync(join(ROOT, IMAGE), { recursive: true });
    await makeGuestImage(values);
    const { packages, files } = JSON.parse(readFileSync(join(ROOT, IMAGE, "manifest.json"), "utf8"));
    for (const { name, version } of packages) say(`  ${name} ${version}`);
    for (const [name, { size }] of Object.entries(files))
      say(`  ${relative(process.cwd(), join(ROOT, IMAGE, name))}  ${(size / 1e6).toFixed(1)} MB`);
  });
}
