import type { HostFile } from "../../../../../doors/host.ts";
import { EINVAL, ENOTCONN } from "../../../../../util/errno.ts";

/** A stream socket nobody is connected to: a listening one before its first client, or one whose connect failed. */
export function unconnectedSocket(): HostFile {
  return {
    isTty: false,
    readable: false,
    watcher: undefined,
    read: () => -EINVAL,
    write: () => -ENOTCONN,
    close: () => {},
  };
}
