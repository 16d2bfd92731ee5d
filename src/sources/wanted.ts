import type { StationRef, Tree, TreeKind } from "./types.ts";

const ACRN = "projectacrn/acrn-hypervisor";
/** Fork of Linux whose HSM driver has the asyncio ring. */
export const ACRN_KERNEL = "projectacrn/acrn-kernel";

export const kindOf = (station: StationRef): TreeKind => (station.repository === ACRN ? "acrn" : "linux");

/** A function to be found in a tree. */
export interface Wanted {
  readonly names: readonly string[];
  /** Where the registry says it is. */
  readonly file: string;
}

/** Files without a station that hold a function between two. */
const BETWEEN: { readonly [kind in TreeKind]: readonly string[] } = {
  acrn: ["hypervisor/arch/x86/guest/vm.c"],
  linux: [],
};

/** What a tree is to be indexed for: the stations it can have, so not those of ACRN's fork in a mainline kernel. */
export function wantedIn(tree: Tree, stations: readonly StationRef[]): Wanted[] {
  const here = stations.filter(
    (station) => kindOf(station) === tree.kind && station.file !== "" && unavailable(station, tree) === undefined,
  );
  return [
    ...here.map(({ id, aliases = [], file }) => ({ names: [id, ...aliases], file })),
    ...BETWEEN[tree.kind].map((file) => ({ names: [], file })),
  ];
}

/** Why a tree of the right kind cannot have a station. */
export function unavailable(station: StationRef, tree: Tree): string | undefined {
  if (station.repository === ACRN_KERNEL && tree.hsm !== "acrn-kernel") {
    return `only the Service VM kernel of ${ACRN_KERNEL} has it (asyncio); ${tree.root} is another Linux`;
  }
  if (station.layer === "service-vm" && tree.hsm === "none") {
    return `${tree.root} has no drivers/virt/acrn; the HSM driver is in Linux since 5.12`;
  }
  return undefined;
}

/**
 * The folders a function that is not in its file is searched in. Linux as a whole has sixty thousand files; these hold
 * all the kernel does between a system call, the console and the virtio transport.
 */
export function searchFolders(kind: TreeKind): readonly string[] {
  return kind === "acrn" ? ["hypervisor", "devicemodel"] : LINUX_FOLDERS;
}

const LINUX_FOLDERS = [
  "arch/x86/entry",
  "arch/x86/include/asm",
  "arch/x86/kernel",
  "drivers/acrn",
  "drivers/base",
  "drivers/char",
  "drivers/pci",
  "drivers/tty",
  "drivers/vhost",
  "drivers/virt",
  "drivers/virtio",
  "fs",
  "include/linux",
  "init",
  "kernel",
  "lib",
  "virt",
];
