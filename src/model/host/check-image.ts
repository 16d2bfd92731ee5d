import { closeSync, fstatSync, openSync } from "node:fs";
import { errorCode } from "./errno-map.ts";

/** acrn-dm's check_image (devicemodel/core/sw_load_common.c): what is wrong with a kernel or RAM disk, if anything. */
export function checkImage(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    return `The file failed to open: ${errorCode(error)}.`;
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) return "That is a folder.";
    return stat.size === 0 ? "The file is empty." : undefined;
  } finally {
    closeSync(fd);
  }
}
