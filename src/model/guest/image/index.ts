/** What the guest image's build script uses of this folder. */

export { joinArchives, overlayFromFolder } from "./cpio.ts";
export { buildInitramfs } from "./initramfs.ts";
export { extractVmlinux } from "./vmlinux.ts";
