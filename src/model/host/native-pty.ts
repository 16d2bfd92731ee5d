import { createRequire } from "node:module";

/** What is used of the native half of @lydell/node-pty: its `open` alone would have Node read both ends. */
export interface NativePty {
  open(columns: number, rows: number): { readonly master: number; readonly slave: number; readonly pty: string };
}

interface RequireBinary {
  requireBinary(file: string): unknown;
}

/** Loaded when first needed: machines without a pty backend do without it. Returns what is wrong if it cannot be. */
export function loadNativePty(): NativePty | string {
  try {
    const require = createRequire(import.meta.url);
    const { requireBinary } = require("@lydell/node-pty/requireBinary.js") as RequireBinary;
    return requireBinary("pty.node") as NativePty;
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    return `the package @lydell/node-pty cannot be loaded (${reason}); run npm install in the project's folder`;
  }
}
