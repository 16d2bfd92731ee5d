// Takes the place of @vscode/fs-copyfile, which has to be compiled: copies without cloning blocks.

import { constants, copyFileSync } from "node:fs";
import { copyFile, cp } from "node:fs/promises";

export const isMacOS = process.platform === "darwin";
export const isCloneSupported = () => false;
export { constants, copyFile, copyFileSync, cp };
