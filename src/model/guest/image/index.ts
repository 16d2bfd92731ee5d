/** What the guest image's build script and the engine use of this folder. */

export { buildCpio, type CpioEntry, joinArchives, MAX_ARCHIVE_BYTES, overlayFromFolder } from "./cpio.ts";
export { buildInitramfs, type GuestFile, type Initramfs, type InitramfsParts } from "./initramfs.ts";
export { type ExtractedKernel, extractVmlinux, kernelFileKind, type SetupHeader } from "./vmlinux.ts";
