import { accessSync, constants, lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import type { HostFile, HostListener, Log } from "../doors/host.ts";
import type { Watcher } from "../doors/kernel.ts";
import { EAGAIN, EINVAL } from "../util/errno.ts";
import { EADDRINUSE, EISDIR, ENAMETOOLONG, errorCode, negativeErrno } from "./errno-map.ts";
import { StreamFile } from "./stream-file.ts";

/** Bytes of sun_path, without its NUL: 108 on Linux, 104 on macOS. acrn-dm cuts a longer path off silently. */
const MAX_PATH = (process.platform === "darwin" ? 104 : 108) - 1;
/** acrn-dm's listen(2) backlog. libuv accepts at once, so this is how many may wait to be accepted by the model. */
const BACKLOG = 64;

/** A listening socket and the connections made to it. */
export class UnixListener implements HostListener {
  watcher: Watcher | undefined;
  readonly #server: Server;
  readonly #waiting: Socket[] = [];
  readonly #accepted = new Set<HostFile>();

  constructor(server: Server, path: string, log: Log) {
    this.#server = server;
    server.on("connection", (socket) => {
      // One that waits may fail; who accepts it finds it at its end.
      socket.on("error", () => {});
      if (this.#waiting.length >= BACKLOG) {
        log(2, "host", `${path}: ${BACKLOG} connections wait already; another one is refused`);
        socket.destroy();
        return;
      }
      this.#waiting.push(socket);
      this.watcher?.onReadable(this);
    });
    // Errors of bind and listen come a moment after the call that checked what it could.
    server.on("error", (error) => log(1, "host", `${path}: ${errorCode(error)}, no client can connect`));
  }

  get readable(): boolean {
    return this.#waiting.length > 0;
  }

  accept(): HostFile | number {
    const socket = this.#waiting.shift();
    if (socket === undefined) return -EAGAIN;
    const file = new StreamFile(socket, false, () => this.#accepted.delete(file));
    this.#accepted.add(file);
    return file;
  }

  /** Stops listening. libuv removes the socket file; accepted connections go on. */
  close(): void {
    this.watcher = undefined;
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    this.#server.close();
  }

  closeAll(): void {
    this.close();
    for (const file of this.#accepted) file.close();
  }
}

/** Binds and listens; whatever has the path is removed first, as acrn-dm does. */
export function listenUnix(path: string, log: Log): UnixListener | number {
  const problem = checkLength(path, log) ?? removeOld(path, log) ?? checkFolder(path, log);
  if (problem !== undefined) return problem;
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  const listener = new UnixListener(server, path, log);
  server.listen({ path, backlog: BACKLOG });
  // For a path, Node has called bind(2) and listen(2) by now; only the error event is still to come.
  if (!server.listening) {
    listener.close();
    return -EADDRINUSE;
  }
  return listener;
}

/** Connects. A path that is not there is an error at once; that nobody listens shows in reads and writes. */
export function connectUnix(path: string, log: Log): HostFile | number {
  const problem = checkLength(path, log);
  if (problem !== undefined) return problem;
  try {
    accessSync(path);
  } catch (error) {
    return negativeErrno(error);
  }
  const socket = connect({ path, allowHalfOpen: true });
  socket.once("error", (error) => {
    if (socket.connecting || socket.pending) {
      log(2, "host", `cannot connect to ${path}: ${errorCode(error)}; start the server before the machine`);
    }
  });
  return new StreamFile(socket, false);
}

function checkLength(path: string, log: Log): number | undefined {
  const length = Buffer.byteLength(path);
  if (path === "") {
    log(1, "host", "a socket needs a path");
    return -EINVAL;
  }
  if (length <= MAX_PATH) return undefined;
  log(1, "host", `${path}: ${length} bytes are too long for a socket's path; at most ${MAX_PATH} are possible`);
  return -ENAMETOOLONG;
}

function removeOld(path: string, log: Log): number | undefined {
  try {
    const stat = lstatSync(path);
    if (stat.isDirectory()) {
      log(1, "host", `${path} is a folder; give the path of a socket`);
      return -EISDIR;
    }
    unlinkSync(path);
    const what = stat.isSocket() ? "an old socket, perhaps of a running program, which loses its clients" : "a file";
    log(2, "host", `${path} was there already (${what}); it has been removed, as acrn-dm does`);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") return refuse(path, error, log);
  }
  return undefined;
}

function checkFolder(path: string, log: Log): number | undefined {
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return refuse(path, error, log);
  }
}

function refuse(path: string, error: unknown, log: Log): number {
  log(1, "host", `${path}: ${errorCode(error)}; the folder must exist and be writable`);
  return negativeErrno(error);
}
