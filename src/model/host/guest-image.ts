import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { joinArchives } from "../guest/image/cpio.ts";
import { buildInitramfs } from "../guest/image/initramfs.ts";
import { extractVmlinux } from "../guest/image/vmlinux.ts";
import { overlayFromFolder } from "./overlay.ts";
import { nodeUnpackers } from "./unpack.ts";

/** Folders an image is made from. */
export interface ImageSources {
  /** Packages unpacked over each other: a 32-bit kernel with its modules, and a static busybox. */
  readonly packages: string;
  /** The project's guest/: what the image runs. */
  readonly guestFiles: string;
  /** Its files go over those of the image. */
  readonly overlay: string | undefined;
}

/** Files by name; the last one is manifest.json, which has sizes and checksums of the others. */
export type GuestImage = ReadonlyMap<string, Uint8Array>;

/** Where the files of guest/ go in the guest, and with which permissions. */
const GUEST_FILES: { readonly [file: string]: readonly [path: string, mode: number] } = {
  init: ["init", 0o755],
  attach: ["lib/acrn/attach", 0o755],
  console: ["lib/acrn/console", 0o755],
  host: ["lib/acrn/host", 0o755],
  kallsyms: ["lib/acrn/kallsyms", 0o755],
  uevent: ["lib/acrn/uevent", 0o755],
  "etc/group": ["etc/group", 0o644],
  "etc/passwd": ["etc/passwd", 0o644],
};

/** Makes an image. Throws an error that names the folder where something is missing, and what belongs there. */
export function makeGuestImage({ packages, guestFiles, overlay }: ImageSources): GuestImage {
  const { name, release } = findKernel(packages);
  const bzImage = readFileSync(join(packages, "boot", name));
  const { vmlinux, compression } = extractVmlinux(bzImage, nodeUnpackers, join(packages, "boot", name));
  const modules = findModules(packages, release);
  const initramfs = buildInitramfs({
    release,
    busybox: readFileSync(findBusybox(packages)),
    guestFiles: Object.entries(GUEST_FILES).map(([file, [path, mode]]) => ({
      path,
      mode,
      data: readFileSync(join(guestFiles, file)),
    })),
    modulePaths: modules.paths,
    readModule: (path) => readFileSync(join(modules.folder, path)),
  });
  // Not compressed: the guest would need most of a second to unpack it.
  const over = overlay === undefined ? [] : [overlayFromFolder(overlay)];
  const files = { vmlinux, bzImage, "initrd.cpio": joinArchives(initramfs.archive, ...over) };
  const manifest = {
    format: 1,
    kernelRelease: release,
    kernelCompression: compression,
    /** Who has fetched packages knows what they are. */
    packages: [],
    files: Object.fromEntries(Object.entries(files).map(([file, data]) => [file, describe(data)])),
    overlay: overlay !== undefined,
    bootModules: initramfs.bootModules,
    modules: initramfs.modules,
  };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  return new Map([...Object.entries(files), ["manifest.json", new TextEncoder().encode(text)]]);
}

const describe = (data: Uint8Array) => ({
  size: data.length,
  sha256: createHash("sha256").update(data).digest("hex"),
});

const PREFIX = "vmlinuz-";

function findKernel(packages: string): { readonly name: string; readonly release: string } {
  const boot = join(packages, "boot");
  const names = existsSync(boot) ? readdirSync(boot).filter((name) => name.startsWith(PREFIX)) : [];
  if (names.length === 1) return { name: names[0], release: names[0].slice(PREFIX.length) };
  const found = names.length === 0 ? `no boot/${PREFIX}*` : names.map((name) => `boot/${name}`).join(" and ");
  throw new Error(`${packages} holds ${found}; unpack one package with a 32-bit kernel there, such as linux-image-686`);
}

/** Debian has modules in /lib or, with merged /usr, in /usr/lib. */
function findModules(packages: string, release: string): { readonly folder: string; readonly paths: string[] } {
  for (const prefix of ["lib", "usr/lib"]) {
    const folder = join(packages, prefix, "modules", release);
    if (!existsSync(folder)) continue;
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ko"))
      .map((path) => path.split(sep).join("/"))
      .sort();
    return { folder, paths };
  }
  throw new Error(`${packages} holds no lib/modules/${release}; unpack the package with the kernel's modules there`);
}

function findBusybox(packages: string): string {
  const paths = ["bin/busybox", "usr/bin/busybox"].map((name) => join(packages, name));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`${packages} holds no bin/busybox; unpack the package busybox-static there`);
  return path;
}
