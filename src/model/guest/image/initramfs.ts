/** Puts the guest's root file system together: busybox, its links, the kernel modules and the scripts of `guest/`. */

import { indexOfText } from "../../util/bytes.ts";
import { latin1 } from "../../util/latin1.ts";
import { buildCpio, type CpioEntry } from "./cpio.ts";
import { loadOrder, type ModuleFile, moduleName, modulesAlias, modulesDep, readModuleInfo } from "./modules.ts";

/** Loaded by /init. The console is the guest's terminal, so these come before everything else. */
const BOOT_MODULES = ["virtio_pci", "virtio_console"];
/** Only put into the image, for `modprobe`. */
const MORE_MODULES = ["virtio_blk", "virtio_net", "virtio_rng", "virtio_input", "evdev"];

const DIRECTORIES = [
  ...["bin", "sbin", "dev", "etc", "etc/acrn", "lib", "lib/modules", "mnt", "proc", "root", "run", "sys", "tmp"],
  ...["usr", "usr/bin", "usr/sbin", "usr/share", "var", "var/log"],
];

/** A file of `guest/`, put at `path` in the image. */
export interface GuestFile {
  readonly path: string;
  readonly mode: number;
  readonly data: Uint8Array;
}

export interface InitramfsParts {
  /** Kernel release as in /lib/modules, for example `6.1.0-50-686`. */
  readonly release: string;
  /** The static 32-bit busybox. */
  readonly busybox: Uint8Array;
  readonly guestFiles: readonly GuestFile[];
  /** Every module path the kernel package holds, below /lib/modules/RELEASE. */
  readonly modulePaths: readonly string[];
  readonly readModule: (path: string) => Uint8Array;
}

export interface Initramfs {
  readonly archive: Uint8Array;
  /** Paths of the modules that /init loads, in order. */
  readonly bootModules: readonly string[];
  /** Paths of all modules in the image. */
  readonly modules: readonly string[];
  readonly applets: readonly string[];
}

/**
 * The applets a busybox was built with. It keeps their names as one sorted table of NUL-terminated strings that begins with
 * `[` and `[[`; reading it there works on machines that cannot run the file.
 */
export function busyboxApplets(busybox: Uint8Array): string[] {
  const start = indexOfText(busybox, "[\0[[\0");
  const end = start < 0 ? -1 : indexOfText(busybox, "\0\0", start);
  const names = end < 0 ? [] : latin1(busybox.subarray(start, end)).split("\0");
  if (!names.includes("sh") || !names.includes("insmod")) {
    throw new Error(
      "the busybox of the package has no table of applets with sh and insmod in it; expected busybox-static",
    );
  }
  return names;
}

export function buildInitramfs(parts: InitramfsParts): Initramfs {
  const text = (data: string): Uint8Array => new TextEncoder().encode(data);
  const byName = new Map(parts.modulePaths.map((path): [string, ModuleFile] => [moduleName(path), lazyModule(path)]));
  function lazyModule(path: string): ModuleFile {
    return {
      path,
      get data() {
        return parts.readModule(path);
      },
    };
  }
  const find = (name: string) => {
    const file = byName.get(name);
    return file && readModuleInfo({ path: file.path, data: file.data });
  };
  const boot = loadOrder(BOOT_MODULES, find);
  const modules = loadOrder([...BOOT_MODULES, ...MORE_MODULES], find);

  const base = `lib/modules/${parts.release}`;
  const applets = busyboxApplets(parts.busybox);
  const entries: CpioEntry[] = [];
  const directories = new Set<string>();
  const directory = (path: string): void => {
    if (directories.has(path)) return;
    if (path.includes("/")) directory(path.slice(0, path.lastIndexOf("/")));
    directories.add(path);
    entries.push({ kind: "directory", path, mode: path === "tmp" ? 0o1777 : path === "root" ? 0o700 : 0o755 });
  };
  const file = (path: string, data: Uint8Array, mode: number): void => {
    if (path.includes("/")) directory(path.slice(0, path.lastIndexOf("/")));
    entries.push({ kind: "file", path, data, mode });
  };
  for (const path of DIRECTORIES) directory(path);
  file("bin/busybox", parts.busybox, 0o755);
  for (const name of applets) {
    if (name !== "busybox") entries.push({ kind: "symlink", path: `bin/${name}`, target: "busybox" });
  }
  // Programs name these by their usual full paths.
  for (const path of ["sbin/modprobe", "sbin/insmod", "usr/bin/env"]) {
    entries.push({ kind: "symlink", path, target: "/bin/busybox" });
  }
  for (const module of modules) file(`${base}/${module.path}`, module.data, 0o644);
  file(`${base}/modules.dep`, text(modulesDep(modules)), 0o644);
  file(`${base}/modules.alias`, text(modulesAlias(modules)), 0o644);
  file(`${base}/modules.symbols`, text(""), 0o644);
  file("etc/acrn/modules", text(boot.map(({ path }) => `/${base}/${path}\n`).join("")), 0o644);
  for (const { path, data, mode } of parts.guestFiles) file(path, data, mode);

  return {
    archive: buildCpio(entries),
    bootModules: boot.map(({ path }) => path),
    modules: modules.map(({ path }) => path),
    applets,
  };
}
