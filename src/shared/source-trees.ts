/** Source trees the debug adapter takes, and how they are known: shared with clients that look for them, too. */

export type TreeKind = "acrn" | "linux";

/** Files without which a folder is not the root of such a tree; all versions with the notify chain have them. */
export const MARKERS: { readonly [kind in TreeKind]: readonly string[] } = {
  acrn: ["hypervisor/Makefile", "devicemodel/core/main.c"],
  linux: ["Makefile", "kernel/Makefile", "drivers/virtio/virtio_ring.c"],
};
