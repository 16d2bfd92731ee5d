import { constants, existsSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { isatty, ReadStream, WriteStream } from "node:tty";
import { OutputFilter } from "../shared/output-filter.ts";
import { CliError, ExitStatus } from "./exit.ts";
import { usage } from "./options.ts";
import { EscapeFilter, RawTerminal } from "./terminal.ts";

/** Where a console's other end is: a Unix socket, or the pseudo-terminal of a pty backend. */
interface ConsolePlace {
  readonly socket: string | undefined;
  readonly pty: string | undefined;
}

interface ConsoleEnd {
  /** Gives the guest's output. */
  readonly from: Socket;
  /** Takes what is typed; for a socket the same stream. */
  readonly to: Socket;
  /** Calls back when it is joined. */
  onJoined(then: () => void): void;
}

/** `acrn-virtio console`: joins this terminal and a console's other end until one of them closes. `filter`: see OutputFilter. */
export async function consoleCommand(place: ConsolePlace, filter: boolean): Promise<number> {
  const end = openEnd(place);
  const shown = filter ? filtered() : (bytes: Buffer) => bytes;
  const { stdin, stdout } = process;
  const raw = stdin.isTTY ? new RawTerminal(stdin as ReadStream) : undefined;
  const keys = new EscapeFilter();
  let hasLeft = false;
  try {
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        hasLeft = true;
        end.to.end();
        if (end.to !== end.from) end.from.destroy();
      };
      end.onJoined(() => raw?.enter());
      end.from.once("close", () => resolve());
      for (const stream of new Set([end.from, end.to])) {
        // A pseudo-terminal whose machine is gone reads EIO: that is its end.
        stream.once("error", (error: NodeJS.ErrnoException) => (error.code === "EIO" ? resolve() : reject(error)));
      }
      end.from.on("data", (bytes: Buffer) => {
        // The terminal takes its time: the guest waits.
        end.from.pause();
        stdout.write(shown(bytes), () => end.from.resume());
      });
      stdin.on("data", (typed: Buffer) => {
        const { bytes, leave: left } = raw === undefined ? { bytes: typed, leave: false } : keys.filter(typed);
        if (left) {
          leave();
        } else {
          stdin.pause();
          end.to.write(bytes, () => stdin.resume());
        }
      });
      stdin.on("end", () => {
        if (stdin.isTTY) leave();
      });
      stdout.on("error", () => {
        hasLeft = true;
        end.from.destroy();
      });
    });
  } catch (error) {
    const { message } = error as Error;
    throw new CliError(ExitStatus.GUEST, `The console at ${place.socket ?? place.pty} cannot be reached: ${message}`);
  } finally {
    raw?.restore();
    stdin.destroy();
    end.to.destroy();
    end.from.destroy();
  }
  // Who serves a socket removes its file when it ends; only one that was killed, or has let go of this end alone, leaves it.
  if (!hasLeft && place.socket !== undefined && existsSync(place.socket)) {
    throw new CliError(
      ExitStatus.GUEST,
      `The console at ${place.socket} was let go: its port was closed, or whoever served it was killed`,
    );
  }
  return ExitStatus.OK;
}

function filtered(): (bytes: Buffer) => string {
  const decoder = new TextDecoder();
  const filter = new OutputFilter();
  return (bytes) => filter.filter(decoder.decode(bytes, { stream: true }));
}

function openEnd({ socket, pty }: ConsolePlace): ConsoleEnd {
  if (socket !== undefined && pty === undefined) {
    const stream = connect(socket);
    return { from: stream, to: stream, onJoined: (then) => stream.once("connect", then) };
  }
  if (pty === undefined || socket !== undefined) throw usage("console: expected one of --socket and --pty");
  let fd: number;
  try {
    fd = openSync(pty, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    throw new CliError(ExitStatus.GUEST, `The console at ${pty} cannot be opened: ${(error as Error).message}`);
  }
  if (!isatty(fd)) throw usage(`console: ${pty} is no terminal; a socket is joined by --socket`);
  return { from: new ReadStream(fd), to: new WriteStream(fd), onJoined: (then) => then() };
}
