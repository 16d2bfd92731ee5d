// Makes the guest image: the folder guest-image/ with a kernel and an initramfs made from Debian packages.
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
import { join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
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
  onStop,
  ROOT,
  readStamp,
  say,
  sha256,
  step,
  UserError,
} from "./lib/project.mjs";

const IMAGE = "guest-image";
const STAMP = `${IMAGE}/.stamp`;
const RESULTS = ["vmlinux", "bzImage", "initrd.cpio", "manifest.json"];
const DEBS = join(ROOT, IMAGE, "cache", "debs");

/** Where the files of guest/ go in the guest, and with which permissions. */
const GUEST_FILES = {
  init: ["init", 0o755],
  attach: ["lib/acrn/attach", 0o755],
  console: ["lib/acrn/console", 0o755],
  host: ["lib/acrn/host", 0o755],
  kallsyms: ["lib/acrn/kallsyms", 0o755],
  uevent: ["lib/acrn/uevent", 0o755],
  "etc/group": ["etc/group", 0o644],
  "etc/passwd": ["etc/passwd", 0o644],
};

function inputHash() {
  const isSource = (path) => !path.endsWith(".test.ts");
  const sources = [...filesBelow("src/model/guest/image", isSource), ...filesBelow("src/model/host", isSource)];
  return hashFiles([
    ...sources,
    ...filesBelow("guest"),
    ...filesBelow("scripts/guest-image"),
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
  await step("Building the image tools", () => build(["guest-image"]));
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
  const image = await import(pathToFileURL(join(ROOT, "dist", "guest-image.js")).href);
  const kernelTree = join(target, "kernel");
  const busyboxTree = join(target, "busybox");
  await unpack(debs.kernel.path, kernelTree);
  await unpack(debs.busybox.path, busyboxTree);

  const bzImageName = readdirSync(join(kernelTree, "boot")).find((name) => name.startsWith("vmlinuz-"));
  if (!bzImageName) throw new UserError(`${debs.kernel.name} ${debs.kernel.version} holds no /boot/vmlinuz-*`);
  const release = bzImageName.slice("vmlinuz-".length);
  const bzImage = readFileSync(join(kernelTree, "boot", bzImageName));
  const { vmlinux, compression } = image.extractVmlinux(bzImage, image.nodeUnpackers, bzImageName);

  const modules = moduleFolder(kernelTree, release);
  const initramfs = image.buildInitramfs({
    release,
    busybox: readFileSync(findBusybox(busyboxTree)),
    guestFiles: Object.entries(GUEST_FILES).map(([file, [path, mode]]) => ({
      path,
      mode,
      data: readFileSync(join(ROOT, "guest", file)),
    })),
    modulePaths: modules.paths,
    readModule: (path) => readFileSync(join(modules.folder, path)),
  });
  const archives = [initramfs.archive];
  if (overlay !== undefined) archives.push(image.overlayFromFolder(resolve(overlay)));
  // Not compressed: the guest would need most of a second to unpack it.
  const initrd = image.joinArchives(...archives);

  const results = { vmlinux, bzImage, "initrd.cpio": initrd };
  const files = {};
  for (const [name, data] of Object.entries(results)) {
    writeFileSync(join(target, name), data);
    files[name] = { size: data.length, sha256: sha256(data) };
  }
  const manifest = {
    format: 1,
    kernelRelease: release,
    kernelCompression: compression,
    packages: debs.all.map(({ path, ...deb }) => deb),
    files,
    overlay: overlay !== undefined,
    bootModules: initramfs.bootModules,
    modules: initramfs.modules,
  };
  writeFileSync(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Debian has modules in /lib or, with merged /usr, in /usr/lib. */
function moduleFolder(tree, release) {
  for (const prefix of ["lib", "usr/lib"]) {
    const folder = join(tree, prefix, "modules", release);
    if (!existsSync(folder)) continue;
    const paths = readdirSync(folder, { recursive: true })
      .filter((path) => path.endsWith(".ko"))
      .map((path) => path.split(sep).join("/"))
      .sort();
    return { folder, paths };
  }
  throw new UserError(`the kernel package holds no modules for ${release}`);
}

function findBusybox(tree) {
  const path = ["bin/busybox", "usr/bin/busybox"].map((name) => join(tree, name)).find((name) => existsSync(name));
  if (!path) throw new UserError("the package busybox-static holds no busybox");
  return path;
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
