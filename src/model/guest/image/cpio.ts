/**
 * Writes initramfs archives in the "newc" cpio format, which is what the kernel unpacks
 * (linux/Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 * The kernel takes several archives one after the other, packed or not, and later files replace earlier ones. That is how
 * an overlay works: a second archive behind the first (`joinArchives`).
 */

import { concat } from "../../util/bytes.ts";

/** One thing in the archive. `path` has no leading slash; `mode` holds the permission bits only. */
export type CpioEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode?: number }
  | { readonly kind: "file"; readonly path: string; readonly mode?: number; readonly data: Uint8Array }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string };

const MAGIC = "070701";
const HEADER_LENGTH = 110;
const TRAILER = "TRAILER!!!";
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
/** Largest archive or overlay that is made: a guest has at most a few hundred MiB of memory to unpack it into. */
export const MAX_ARCHIVE_BYTES = 256 * 1024 * 1024;

const align4 = (n: number): number => (n + 3) & ~3;

/** What goes into the archive for an entry: mode with the type bits, and the bytes after the name. */
function contents(entry: CpioEntry): { mode: number; data: Uint8Array } {
  switch (entry.kind) {
    case "directory":
      return { mode: S_IFDIR | (entry.mode ?? 0o755), data: new Uint8Array(0) };
    case "file":
      return { mode: S_IFREG | (entry.mode ?? 0o644), data: entry.data };
    case "symlink":
      return { mode: S_IFLNK | 0o777, data: new TextEncoder().encode(entry.target) };
  }
}

function checkPath(path: string): void {
  const parts = path.split("/");
  if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new Error(`"${path}" cannot be a path in an initramfs: expected a relative path without ".", ".." or NUL`);
  }
}

/**
 * Makes an archive of the entries in the order given; directories must come before what is in them. Owner is root, times
 * are 0, so the same entries give the same bytes. Throws on a bad path or past MAX_ARCHIVE_BYTES.
 */
export function buildCpio(entries: readonly CpioEntry[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let total = 0;
  const push = (bytes: Uint8Array): void => {
    const padded = align4(bytes.length);
    if (total + padded > MAX_ARCHIVE_BYTES) {
      throw new Error(`the initramfs would be larger than ${MAX_ARCHIVE_BYTES / 1048576} MiB; leave some files out`);
    }
    parts.push(bytes);
    if (padded > bytes.length) parts.push(new Uint8Array(padded - bytes.length));
    total += padded;
  };
  const member = (ino: number, mode: number, links: number, name: string, data: Uint8Array): void => {
    const nameBytes = encoder.encode(name);
    const fields = [ino, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, nameBytes.length + 1, 0];
    const header = MAGIC + fields.map((value) => value.toString(16).padStart(8, "0")).join("");
    const head = new Uint8Array(HEADER_LENGTH + nameBytes.length + 1);
    encoder.encodeInto(header, head);
    head.set(nameBytes, HEADER_LENGTH);
    push(head);
    push(data);
  };
  entries.forEach((entry, i) => {
    checkPath(entry.path);
    const { mode, data } = contents(entry);
    member(i + 1, mode, entry.kind === "directory" ? 2 : 1, entry.path, data);
  });
  member(0, 0, 1, TRAILER, new Uint8Array(0));
  return concat(parts, total);
}

/** Puts archives behind each other. The kernel wants each uncompressed one to begin on a multiple of four bytes. */
export function joinArchives(...archives: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (const archive of archives) {
    parts.push(archive, new Uint8Array(align4(archive.length) - archive.length));
    total += align4(archive.length);
  }
  return concat(parts, total);
}
