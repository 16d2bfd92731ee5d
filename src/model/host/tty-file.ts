import { closeSync, constants, openSync } from "node:fs";
import { isatty, ReadStream } from "node:tty";
import type { HostFile, HostPty, Log } from "../doors/host.ts";
import { EIO } from "../util/errno.ts";
import { ENOSYS, errorCode, negativeErrno } from "./errno-map.ts";
import { FdFile } from "./fd-file.ts";
import { loadNativePty } from "./native-pty.ts";
import { StreamFile } from "./stream-file.ts";
import { makeRaw, makeRawTty, restoreModes } from "./termios.ts";

/**
 * Opens a tty backend. A terminal is made raw and, unlike in acrn-dm, gets its modes back when it is closed.
 * What is no terminal is opened too: whether it is one is the caller's question.
 */
export function openTty(path: string, log: Log): HostFile | number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const advice = errorCode(error) === "EACCES" ? "; join the group that owns it (often dialout or tty)" : "";
    log(1, "host", `cannot open ${path}: ${errorCode(error)}${advice}`);
    return negativeErrno(error);
  }
  if (!isatty(fd)) return new FdFile(fd);
  const { saved, problem } = makeRawTty(fd);
  if (problem !== undefined) log(2, "host", `${path} keeps its modes: ${problem}`);
  const file = streamOf(fd, () => {
    if (problem === undefined) restore(path, saved, log);
  });
  // libuv has opened the terminal once more for itself.
  if (file.fd !== fd) closeSync(fd);
  return file;
}

/** The stream has closed its descriptor by then: the terminal is opened once more. */
function restore(path: string, saved: string, log: Log): void {
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
    const problem = restoreModes(fd, saved);
    closeSync(fd);
    if (problem !== undefined) log(2, "host", `${path} stays raw: ${problem}`);
  } catch {
    // A terminal that has gone has no modes to restore.
  }
}

/** Makes a pseudo-terminal; its slave stays open, so that programs may come and go, and raw. */
export function openPty(log: Log): HostPty | number {
  const refuse = (why: string): void => log(1, "host", `no pseudo-terminal: ${why}`);
  const native = loadNativePty();
  if (typeof native === "string") {
    refuse(native);
    return -ENOSYS;
  }
  let pair: ReturnType<typeof native.open>;
  try {
    pair = native.open(80, 25);
  } catch (error) {
    refuse(`${error instanceof Error ? error.message : error}; is /dev/pts mounted?`);
    return -EIO;
  }
  try {
    const problem = makeRaw(pair.slave);
    if (problem !== undefined) throw new Error(`${pair.pty} cannot be made raw: ${problem}`);
    // A descriptor of Node's own is closed when the thread dies, and child processes do not inherit it.
    const slave = openSync(pair.pty, constants.O_RDWR | constants.O_NOCTTY);
    return { master: streamOf(pair.master, () => closeSync(slave)), slave: pair.pty };
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
    closeForeign(pair.master);
    return negativeErrno(error);
  } finally {
    closeForeign(pair.slave);
  }
}

function streamOf(fd: number, closed: () => void): StreamFile {
  return new StreamFile(new ReadStream(fd, { allowHalfOpen: true }), true, closed);
}

/** Closes a descriptor the native module opened; a worker would warn that Node has not opened it. */
function closeForeign(fd: number): void {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    closeSync(fd);
  } finally {
    process.emitWarning = emitWarning;
  }
}
