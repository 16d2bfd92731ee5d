import { readFile } from "node:fs/promises";
import { type BootFiles, bootFiles } from "../guest/boot-files.ts";
import { overlayFromFolder } from "./overlay.ts";
import { nodeUnpackers } from "./unpack.ts";

/** Reads kernel (vmlinux, or bzImage, which is unpacked) and initrd, and puts the overlay's files behind it. */
export async function readBootFiles(
  kernelPath: string,
  initrdPath: string | undefined,
  overlayFolder: string | undefined,
): Promise<BootFiles> {
  const kernel = await readFile(kernelPath);
  const initrd = initrdPath === undefined ? undefined : await readFile(initrdPath);
  const overlay = overlayFolder === undefined ? undefined : overlayFromFolder(overlayFolder);
  return bootFiles({ kernel, kernelName: kernelPath, initrd, overlay }, nodeUnpackers);
}
