import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { ConsoleSink } from "../../owner/console-hub.ts";
import { RequestError } from "../request-error.ts";
import { newConsoleFolder, SOCKET_NAME } from "./console-folder.ts";

/** How long the console client may take to connect. */
const CONNECT_MS = 30_000;

/** Output to a console client (`acrn-virtio console --socket PATH`) in a terminal, and its input to the guest. */
export class SocketSink implements ConsoleSink {
  readonly path: string;
  readonly #folder: string | undefined;
  readonly #server: Server;
  readonly #input: (bytes: Uint8Array) => Promise<unknown>;
  #socket: Socket | undefined;
  /** Told when the console client has gone. */
  onGone: () => void = () => {};

  private constructor(path: string, folder: string | undefined, input: (bytes: Uint8Array) => Promise<unknown>) {
    this.path = path;
    this.#folder = folder;
    this.#input = input;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens where only this user can connect. */
  static async listen(input: (bytes: Uint8Array) => Promise<unknown>): Promise<SocketSink> {
    const folder = process.platform === "win32" ? undefined : await newConsoleFolder();
    const pipe = `\\\\.\\pipe\\acrn-virtio-${randomBytes(8).toString("hex")}`;
    const path = folder === undefined ? pipe : join(folder, SOCKET_NAME);
    const sink = new SocketSink(path, folder, input);
    await new Promise<void>((resolve, reject) => {
      sink.#server.once("error", reject).listen(path, resolve);
    });
    return sink;
  }

  /** Resolves when the console client is there. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#socket !== undefined) return resolve();
      const settle = (error?: RequestError): void => {
        clearTimeout(patience);
        if (error === undefined) resolve();
        else reject(error);
      };
      const late = `the console's terminal has not connected in ${CONNECT_MS / 1000} s`;
      const patience = setTimeout(() => settle(new RequestError(late)), CONNECT_MS);
      this.#server.once("connection", () => settle());
      this.#server.once("close", () => settle(new RequestError("the session has ended")));
    });
  }

  write(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) {
      this.onGone();
      return Promise.resolve(bytes);
    }
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off("close", done);
        resolve(undefined);
      };
      socket.once("close", done);
      socket.write(bytes, done);
    });
  }

  async close(): Promise<void> {
    this.onGone = () => {};
    // The socket's file goes first: while it is there its terminal takes an end for one that nobody wanted.
    this.#server.close();
    this.#socket?.end();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    if (this.#socket !== undefined) {
      socket.end("This console has a terminal already.\r\n");
      return;
    }
    this.#socket = socket;
    socket.on("data", (typed: Buffer) => {
      socket.pause();
      // What is typed while there is no machine is lost, like in any terminal.
      const done = (): void => void socket.resume();
      this.#input(typed).then(done, done);
    });
    socket.on("error", () => {});
    socket.on("close", () => this.onGone());
  }
}
