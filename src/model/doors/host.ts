import type { Pollable } from "./kernel.ts";

/**
 * The door between device model and host: the file descriptors behind the devices' backends. Calls do not block and
 * return what the system call would: a count, or a negative errno.
 */
export interface HostFile extends Pollable {
  readonly isTty: boolean;
  /** Bytes read into `into` from its start, 0 at end of file, -EAGAIN when there is nothing. */
  read(into: Uint8Array): number;
  /** Bytes taken of `from`; fewer than given when the other end is slow; -EAGAIN when it takes none. */
  write(from: Uint8Array): number;
  /** A second call does nothing. */
  close(): void;
  /**
   * Only files that lose nothing have it: keeps what there is to read and reports it again a little later. Called where
   * acrn-dm would read and discard.
   */
  defer?(): boolean;
}

/** A listening Unix stream socket; `readable` when a connection waits. */
export interface HostListener extends Pollable {
  /** The next waiting connection, or -EAGAIN. */
  accept(): HostFile | number;
  close(): void;
}

/** A pseudo-terminal pair; the slave is kept open and raw, as acrn-dm does. */
export interface HostPty {
  readonly master: HostFile;
  /** Path of the slave, for other programs. */
  readonly slave: string;
}

export interface Host {
  /** acrn-dm's file descriptor 0: the terminal the product attaches, lossless and flow-controlled. */
  stdin(): HostFile;
  /** O_RDWR | O_NONBLOCK; made raw when it is a terminal. */
  openTty(path: string): HostFile | number;
  /** O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, mode 0666. */
  openAppend(path: string): HostFile | number;
  /** O_RDONLY | O_NONBLOCK. */
  openRead(path: string): HostFile | number;
  openPty(): HostPty | number;
  /** Removes a stale socket file, binds and listens. */
  listenUnix(path: string): HostListener | number;
  /** Connects; a failure that shows only later is reported by `read`/`write`. -ENOENT when the path does not exist. */
  connectUnix(path: string): HostFile | number;
  /** The workbench's own end of a named port (backend type `workbench`, an extension of acrn-dm). */
  workbenchPort(name: string): HostFile;
}

/** Severity as acrn-dm's logger: error 1, warning 2, notice 3, info 4, debug 5. */
export type LogLevel = 1 | 2 | 3 | 4 | 5;

/** What acrn-dm says as an error although it is none: where it has opened a backend. */
export type LogKind = "announcement";

/** Where a layer's messages go. `source` is the layer or thread that speaks. */
export type Log = (level: LogLevel, source: string, message: string, kind?: LogKind) => void;
