import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { buildCpio, type CpioEntry, MAX_ARCHIVE_BYTES } from "../guest/image/cpio.ts";

/**
 * Makes an uncompressed archive of a folder: files, directories and symbolic links with their permission bits, sorted by
 * name. Throws when the folder cannot be read or holds something else (socket, device, ...), naming it.
 */
export function overlayFromFolder(folder: string): Uint8Array {
  const entries: CpioEntry[] = [];
  let bytes = 0;
  const walk = (relative: string): void => {
    for (const name of readdirSync(join(folder, relative)).sort()) {
      const path = relative === "" ? name : `${relative}/${name}`;
      const full = join(folder, path);
      const stat = lstatSync(full);
      const mode = stat.mode & 0o7777;
      if (stat.isDirectory()) {
        entries.push({ kind: "directory", path, mode });
        walk(path);
      } else if (stat.isSymbolicLink()) {
        entries.push({ kind: "symlink", path, target: readlinkSync(full) });
      } else if (stat.isFile()) {
        bytes += stat.size;
        if (bytes > MAX_ARCHIVE_BYTES) {
          throw new Error(`the overlay folder ${folder} holds more than ${MAX_ARCHIVE_BYTES / 1048576} MiB`);
        }
        entries.push({ kind: "file", path, mode, data: readFileSync(full) });
      } else {
        throw new Error(`${full} in the overlay folder is neither a file, a directory nor a symbolic link; remove it`);
      }
    }
  };
  walk("");
  return buildCpio(entries);
}
