import type { StationReference } from "../../../debug-adapter/protocol-stations.ts";
import { MARKERS, type TreeKind } from "../../../shared/source-trees.ts";

/** What is fetched of a source tree, and from where. */
export interface WantedTree {
  readonly kind: TreeKind;
  /** Name of the folder it is put in. */
  readonly folder: string;
  readonly url: string;
  /** Branch or tag. */
  readonly ref: string;
  /** Patterns of .gitignore's kind: what of it is checked out (git-sparse-checkout(1)). */
  readonly patterns: readonly string[];
}

/** A release whose functions are all found. */
const ACRN_RELEASE = "v3.3";
/** Headers that explain what the chain's files use. */
const HEADERS = ["include/linux", "include/uapi/linux"];
const LINUX = "torvalds/linux";

/**
 * ACRN's release, and of Linux, in the guest kernel's version, the folders with functions of the chain.
 * `kernel`: what the built guest runs, "6.1.176".
 */
export function wantedTrees(stations: readonly StationReference[], kernel: string): readonly WantedTree[] {
  const files = stations.filter(({ repository }) => repository === LINUX).map(({ file }) => file);
  const folders = new Set([...files.map((file) => file.slice(0, file.lastIndexOf("/"))), ...HEADERS]);
  return [
    {
      kind: "acrn",
      folder: `acrn-hypervisor-${ACRN_RELEASE}`,
      url: "https://github.com/projectacrn/acrn-hypervisor.git",
      ref: ACRN_RELEASE,
      patterns: ["/hypervisor/", "/devicemodel/", "/VERSION", "/LICENSE"],
    },
    {
      kind: "linux",
      folder: `linux-${kernel}`,
      url: "https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git",
      ref: `v${kernel}`,
      // The files of each folder, without the folders in it.
      patterns: [
        ...[...folders].sort().flatMap((folder) => [`/${folder}/*`, `!/${folder}/*/`]),
        ...MARKERS.linux.map((file) => `/${file}`),
        "/COPYING",
      ],
    },
  ];
}

/** The version of the guest's kernel by the guest image's manifest: Debian's "6.1.176-1" is Linux 6.1.176. */
export function kernelVersion(manifest: string): string | undefined {
  const { packages } = JSON.parse(manifest) as { packages?: readonly { name: string; version: string }[] };
  const found = packages?.find(({ name }) => /^linux-image-\d/.test(name));
  return /^\d+\.\d+(\.\d+)?/.exec(found?.version ?? "")?.[0];
}
