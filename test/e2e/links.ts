import { closeSync, constants, openSync, writeSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ReadStream } from "node:tty";
import { loadNativePty } from "../../src/model/host/native-pty.ts";
import { makeRaw } from "../../src/model/host/termios.ts";

/** The other ends of backends, as another program on the host would hold them. */

/** Escape sequences a shell sends to a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]/g;

/** A byte stream in both directions, with all that has come. */
export class Link {
  readonly close: () => void;
  readonly #write: (bytes: Uint8Array) => void;
  #chunks: Buffer[] = [];
  #length = 0;
  #arrived: (() => void) | undefined;

  constructor(stream: Socket, write: (bytes: Uint8Array) => void, close: () => void) {
    this.#write = write;
    this.close = close;
    stream.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#arrived?.();
    });
    // A terminal whose other end is closed reads EIO.
    stream.on("error", () => {});
  }

  send(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  async received(length: number): Promise<Buffer> {
    while (this.#length < length) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return Buffer.concat(this.#chunks);
  }

  /** All that has come, without escape sequences, once that is something `pattern` matches. */
  async matching(pattern: RegExp): Promise<string> {
    for (;;) {
      const bytes = await this.received(this.#length);
      const text = bytes.toString("latin1").replace(ESCAPES, "");
      if (pattern.test(text)) return text;
      await this.received(bytes.length + 1);
    }
  }
}

/** Everything of `bytes`, whatever the terminal takes at once. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

function terminalLink(fd: number): Link {
  const stream = new ReadStream(fd);
  return new Link(
    stream,
    (bytes) => writeAll(fd, bytes),
    () => stream.destroy(),
  );
}

/** Opens a terminal by its path, as `screen` would. */
export const openTerminal = (path: string): Link =>
  terminalLink(openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));

/** A pseudo-terminal of the test's own: the path is for the machine, the link is what is behind it. */
export function makeTerminal(): { readonly path: string; readonly link: Link; close(): void } {
  const native = loadNativePty();
  if (typeof native === "string") throw new Error(native);
  const { master, slave, pty } = native.open(80, 25);
  const problem = makeRaw(slave);
  if (problem !== undefined) throw new Error(problem);
  const link = terminalLink(master);
  const close = (): void => {
    link.close();
    // Open until then: without any user of the slave the terminal hangs up.
    closeSync(slave);
  };
  return { path: pty, link, close };
}

const socketLink = (socket: Socket): Link =>
  new Link(
    socket,
    (bytes) => socket.write(bytes),
    () => socket.destroy(),
  );

export const connectTo = (path: string): Promise<Link> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socketLink(socket)));
    socket.on("error", reject);
  });

/** Listens at `path`; `accepted` resolves with the first connection. */
export async function listenAt(path: string): Promise<{ readonly accepted: Promise<Link>; close(): void }> {
  let server: Server | undefined;
  const accepted = new Promise<Link>((resolve) => {
    server = createServer((socket) => resolve(socketLink(socket)));
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return { accepted, close: () => server?.close() };
}
