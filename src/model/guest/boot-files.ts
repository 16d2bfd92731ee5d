import { readFile } from "node:fs/promises";
import { joinArchives, overlayFromFolder } from "./image/cpio.ts";
import { extractVmlinux, kernelFileKind } from "./image/vmlinux.ts";

export interface BootFiles {
  /** A 32-bit ELF vmlinux. */
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
}

/** Reads kernel (vmlinux, or bzImage, which is unpacked) and initrd, and puts the overlay's files behind it. */
export async function readBootFiles(
  kernelPath: string,
  initrdPath: string | undefined,
  overlayFolder: string | undefined,
): Promise<BootFiles> {
  const file = await readFile(kernelPath);
  const kernel = kernelFileKind(file) === "bzImage" ? extractVmlinux(file, kernelPath).vmlinux : file;
  const initrd = initrdPath === undefined ? new Uint8Array(0) : await readFile(initrdPath);
  return {
    kernel,
    initrd: overlayFolder === undefined ? initrd : joinArchives(initrd, overlayFromFolder(overlayFolder)),
  };
}
