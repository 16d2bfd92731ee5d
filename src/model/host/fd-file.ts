import { closeSync, readSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { HostFile } from "../doors/host.ts";
import type { Watcher } from "../doors/kernel.ts";
import { EBADF } from "../util/errno.ts";
import { negativeErrno } from "./errno-map.ts";

/** write(2): bytes taken, or a negative errno. */
export function writeFd(fd: number, from: Uint8Array): number {
  try {
    return writeSync(fd, from);
  } catch (error) {
    return negativeErrno(error);
  }
}

/** An open, non-blocking file descriptor that nobody watches for input: regular files, FIFOs, devices. */
export class FdFile implements HostFile {
  readonly isTty: boolean;
  readonly readable = false;
  watcher: Watcher | undefined;
  #fd: number;

  /** Takes over `fd`. */
  constructor(fd: number) {
    this.#fd = fd;
    this.isTty = isatty(fd);
  }

  read(into: Uint8Array): number {
    if (this.#fd < 0) return -EBADF;
    try {
      return readSync(this.#fd, into);
    } catch (error) {
      return negativeErrno(error);
    }
  }

  write(from: Uint8Array): number {
    return this.#fd < 0 ? -EBADF : writeFd(this.#fd, from);
  }

  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    closeSync(fd);
  }
}
