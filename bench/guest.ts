import { existsSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_SLOTS } from "../src/cli/default-slots.ts";
import { machineSpec } from "../src/cli/machine-spec.ts";
import { parseOptions } from "../src/cli/options.ts";
import type { MachineSpec } from "../src/model/protocol/machine.ts";

/** What every machine of the benchmarks boots. */

const ROOT = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();
const image = (name: string): string => join(ROOT, "guest-image", name);

/** QEMU takes no vmlinux without a PVH note; the bzImage holds the same kernel. */
export const FILES = { vmlinux: image("vmlinux"), bzImage: image("bzImage"), initrd: image("initrd.cpio") };
export const WASM = join(ROOT, "node_modules/v86/build/v86.wasm");
export const MEMORY_MIB = 256;

/** Whether the guest image is there. */
export const imageIsThere = (): boolean => Object.values(FILES).every((path) => existsSync(path));

/** Devices: what the command line gives by default, or the console alone. */
export type Devices = "default" | "console";

const SLOTS: { readonly [K in Devices]: readonly string[] } = {
  default: [],
  console: DEFAULT_SLOTS.slice(0, 6),
};

/** The product's own machine, as its command line makes it. */
export function spec(devices: Devices): MachineSpec {
  const options = parseOptions("run", ["-k", FILES.vmlinux, "-r", FILES.initrd, ...SLOTS[devices]]);
  if (typeof options === "string") throw new Error(`unexpected ${options}`);
  const symbols = image("kallsyms.gz");
  return { ...machineSpec(options), symbols: existsSync(symbols) ? symbols : undefined, wasmPath: WASM };
}
