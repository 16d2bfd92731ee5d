/** What the guest image's build script uses. */

export { joinArchives } from "../guest/image/cpio.ts";
export { buildInitramfs } from "../guest/image/initramfs.ts";
export { extractVmlinux } from "../guest/image/vmlinux.ts";
export { overlayFromFolder } from "./overlay.ts";
export { nodeUnpackers } from "./unpack.ts";
