import { randomFillSync } from "node:crypto";
import type { HostFile } from "../doors/host.ts";
import type { Watcher } from "../doors/kernel.ts";
import { EBADF } from "../util/errno.ts";

/** /dev/random where the system has no such file; what is written to it is taken and forgotten. */
export class RandomFile implements HostFile {
  readonly isTty = false;
  readonly readable = true;
  watcher: Watcher | undefined;
  #open = true;

  read(into: Uint8Array): number {
    if (!this.#open) return -EBADF;
    randomFillSync(into);
    return into.length;
  }

  write(from: Uint8Array): number {
    return this.#open ? from.length : -EBADF;
  }

  close(): void {
    this.#open = false;
  }
}
