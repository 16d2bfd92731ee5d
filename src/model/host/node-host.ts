import { constants, openSync } from "node:fs";
import type { Host, HostFile, HostListener, HostPty, Log } from "../doors/host.ts";
import { type ByteRingPair, ChannelFile, type FlowControl } from "./channel-file.ts";
import { ENOSYS, errorCode, negativeErrno } from "./errno-map.ts";
import { FdFile } from "./fd-file.ts";
import { RandomFile } from "./random-file.ts";
import { openPty, openTty } from "./tty-file.ts";
import { connectUnix, listenUnix } from "./unix-socket.ts";

export interface NodeHostOptions {
  /** The terminal that the product attaches: acrn-dm's file descriptor 0. */
  readonly console: ByteRingPair;
  /** The workbench's own end of a named port. */
  readonly workbenchPort: (name: string) => HostFile;
  readonly log: Log;
  /** Told of each pseudo-terminal that is made, by the path for other programs. */
  readonly onPty?: (path: string) => void;
  /** Told when the guest waits because the terminal is slow. */
  readonly flow?: FlowControl;
  /** Default: the platform this runs on. */
  readonly platform?: NodeJS.Platform;
}

/** The host's files, by Node. `close()` closes whatever is still open. */
export interface NodeHost extends Host {
  close(): void;
}

/** A Host for the thread that runs the machine. Opening a file logs why it fails and what to do. */
export function createNodeHost(options: NodeHostOptions): NodeHost {
  const { log } = options;
  const open = new Set<{ close(): void }>();
  const keep = <T extends { close(): void }>(file: T | number): T | number => {
    if (typeof file !== "number") open.add(file);
    return file;
  };
  const stdin = new ChannelFile(options.console, options.flow);
  open.add(stdin);
  const unsupported = (what: string): number | undefined => {
    const platform = options.platform ?? process.platform;
    if (platform !== "win32") return undefined;
    log(1, "host", `${what} is not supported on Windows; use stdio or file, or run this in WSL`);
    return -ENOSYS;
  };

  return {
    stdin: () => stdin,
    workbenchPort: options.workbenchPort,
    openTty: (path: string): HostFile | number => unsupported("a tty backend") ?? keep(openTty(path, log)),
    openAppend: (path: string): HostFile | number => keep(openAppend(path, log)),
    openRead: (path: string): HostFile | number => keep(openRead(path, log, options.platform)),
    openPty(): HostPty | number {
      const pty = unsupported("a pty backend") ?? openPty(log);
      if (typeof pty === "number") return pty;
      open.add(pty.master);
      options.onPty?.(pty.slave);
      return pty;
    },
    listenUnix(path: string): HostListener | number {
      const listener = unsupported("a socket backend") ?? listenUnix(path, log);
      if (typeof listener !== "number") open.add({ close: () => listener.closeAll() });
      return listener;
    },
    connectUnix: (path: string): HostFile | number => unsupported("a socket backend") ?? keep(connectUnix(path, log)),
    close(): void {
      for (const file of open) file.close();
      open.clear();
    },
  };
}

/** What Linux has as a file, Windows has not: its own generator stands in. */
function openRead(path: string, log: Log, platform = process.platform): HostFile | number {
  if (platform === "win32" && path === "/dev/random") return new RandomFile();
  const { O_RDONLY, O_NONBLOCK } = constants;
  try {
    return new FdFile(openSync(path, O_RDONLY | (O_NONBLOCK ?? 0)));
  } catch (error) {
    log(1, "host", `cannot open ${path} for reading: ${errorCode(error)}`);
    return negativeErrno(error);
  }
}

function openAppend(path: string, log: Log): HostFile | number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK } = constants;
  try {
    return new FdFile(openSync(path, O_WRONLY | O_CREAT | O_APPEND | (O_NONBLOCK ?? 0), 0o666));
  } catch (error) {
    const advice = errorCode(error) === "ENXIO" ? "; a FIFO needs a reader first" : "";
    log(1, "host", `cannot open ${path} for appending: ${errorCode(error)}${advice}`);
    return negativeErrno(error);
  }
}
