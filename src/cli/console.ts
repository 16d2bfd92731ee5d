import { connect } from "node:net";
import type { ReadStream } from "node:tty";
import { CliError, ExitStatus } from "./exit.ts";
import { usage } from "./options.ts";
import { EscapeFilter, RawTerminal } from "./terminal.ts";

/** `acrn-virtio console`: joins this terminal and the debug adapter's socket until one of them closes. */
export async function consoleCommand(path: string | undefined): Promise<number> {
  if (path === undefined) throw usage("console: --socket is missing");
  const socket = connect(path);
  const { stdin, stdout } = process;
  const raw = stdin.isTTY ? new RawTerminal(stdin as ReadStream) : undefined;
  const keys = new EscapeFilter();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", () => raw?.enter());
      socket.once("error", reject).once("close", () => resolve());
      socket.on("data", (bytes: Buffer) => {
        // The terminal takes its time: the guest waits.
        socket.pause();
        stdout.write(bytes, () => socket.resume());
      });
      stdin.on("data", (typed: Buffer) => {
        const { bytes, leave } = raw === undefined ? { bytes: typed, leave: false } : keys.filter(typed);
        if (leave) {
          socket.end();
        } else {
          stdin.pause();
          socket.write(bytes, () => stdin.resume());
        }
      });
      stdin.on("end", () => {
        if (stdin.isTTY) socket.end();
      });
      stdout.on("error", () => socket.destroy());
    });
    return ExitStatus.OK;
  } catch (error) {
    throw new CliError(ExitStatus.GUEST, `The debug adapter cannot be reached at ${path}: ${(error as Error).message}`);
  } finally {
    raw?.restore();
  }
}
