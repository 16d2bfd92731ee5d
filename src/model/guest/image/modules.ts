/** Kernel modules: what a .ko says about itself, what must be loaded before it, and the index files `modprobe` reads. */

import { latin1 } from "../../util/latin1.ts";

/** Where a module lies in the image, for example `kernel/drivers/virtio/virtio.ko`, and its bytes. */
export interface ModuleFile {
  readonly path: string;
  readonly data: Uint8Array;
}

export interface ModuleInfo extends ModuleFile {
  /** Name as the kernel has it: underscores, no ".ko". */
  readonly name: string;
  readonly depends: readonly string[];
  readonly aliases: readonly string[];
}

const SHT_SIZE = 40;

/** The kernel's name of a module file: `virtio-rng.ko` is `virtio_rng`. */
export function moduleName(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.ko$/, "").replaceAll("-", "_");
}

/** Reads the `.modinfo` section (NUL-terminated `key=value` strings) of a 32-bit little-endian module. */
export function readModuleInfo(file: ModuleFile): ModuleInfo {
  const { data, path } = file;
  const fail = (): Error =>
    new Error(`${path}: this is not a 32-bit kernel module (an ELF file with a .modinfo section)`);
  if (data.length < 52 || data[0] !== 0x7f || data[1] !== 0x45 || data[4] !== 1 || data[5] !== 1) throw fail();
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const table = view.getUint32(32, true);
  const count = view.getUint16(48, true);
  if (table + count * SHT_SIZE > data.length) throw fail();
  const section = (index: number): Uint8Array => {
    if (index >= count) throw fail();
    const header = table + index * SHT_SIZE;
    const offset = view.getUint32(header + 16, true);
    return data.subarray(offset, offset + view.getUint32(header + 20, true));
  };
  const names = latin1(section(view.getUint16(50, true)));
  for (let i = 0; i < count; i++) {
    const at = view.getUint32(table + i * SHT_SIZE, true);
    if (!names.startsWith(".modinfo\0", at)) continue;
    const strings = latin1(section(i)).split("\0");
    const values = (key: string): string[] =>
      strings.filter((s) => s.startsWith(`${key}=`)).map((s) => s.slice(key.length + 1));
    const depends = (values("depends")[0] ?? "").split(",").filter((name) => name !== "");
    return { ...file, name: moduleName(path), depends, aliases: values("alias") };
  }
  throw fail();
}

/**
 * The named modules and everything they depend on, each after what it needs. `find` gives a module by its kernel name or
 * undefined; a wanted module that does not exist is left out, a missing dependency is an error.
 */
export function loadOrder(wanted: readonly string[], find: (name: string) => ModuleInfo | undefined): ModuleInfo[] {
  const order = new Map<string, ModuleInfo>();
  const visit = (name: string, neededBy: string | undefined, open: readonly string[]): void => {
    if (order.has(name)) return;
    if (open.includes(name)) throw new Error(`the modules ${[...open, name].join(" -> ")} depend on each other`);
    const info = find(name);
    if (!info) {
      if (neededBy === undefined) return;
      throw new Error(`the module ${neededBy} depends on ${name}, which the kernel package does not hold`);
    }
    for (const dependency of info.depends) visit(dependency.replaceAll("-", "_"), name, [...open, name]);
    order.set(name, info);
  };
  for (const name of wanted) visit(name, undefined, []);
  return [...order.values()];
}

/** modules.dep: `path: dependencies`, the last-needed first, as depmod writes it. */
export function modulesDep(modules: readonly ModuleInfo[]): string {
  const byName = new Map(modules.map((module) => [module.name, module]));
  return modules
    .map((module) => {
      const needed = loadOrder([module.name], (name) => byName.get(name)).slice(0, -1);
      return `${module.path}:${needed
        .reverse()
        .map((dependency) => ` ${dependency.path}`)
        .join("")}\n`;
    })
    .join("");
}

/** modules.alias: lets `modprobe` find a driver by a device's modalias. */
export function modulesAlias(modules: readonly ModuleInfo[]): string {
  return modules.flatMap(({ name, aliases }) => aliases.map((alias) => `alias ${alias} ${name}\n`)).join("");
}
