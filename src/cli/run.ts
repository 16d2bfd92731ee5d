import type { ReadStream } from "node:tty";
import type { MachineSpec } from "../model/protocol/machine.ts";
import type { ConsoleSink } from "../owner/console-hub.ts";
import { Debuggee } from "../owner/debuggee.ts";
import type { MachineThread } from "../owner/machine-thread.ts";
import { serveRunning } from "./dap.ts";
import { ExitStatus } from "./exit.ts";
import { describeEnd } from "./guest-end.ts";
import { PromptWatch } from "./guest-shell.ts";
import { logTo } from "./log.ts";
import { stuckMessage } from "./machine-session.ts";
import { hasKnownPrompt } from "./machine-spec.ts";
import { ptyPorts } from "./pty-ports.ts";
import { onSignals, SIGNAL_STATUS } from "./signals.ts";
import { watchSilence } from "./silence.ts";
import { EscapeFilter, RawTerminal } from "./terminal.ts";

/**
 * `acrn-virtio run`: boots the guest and connects this terminal to its console until the guest ends or the user
 * leaves. A guest that reboots is started again. With a port, debuggers may attach. Returns the exit status.
 */
export async function runCommand(spec: MachineSpec, logLevel: number, dapPort: number | undefined): Promise<number> {
  let machine: Debuggee | undefined;
  // Before the terminal is changed: the port may be in use.
  const server = dapPort === undefined ? undefined : await serveRunning(dapPort, () => machine);
  const session = new TerminalSession();
  try {
    for (;;) {
      machine = new Debuggee(spec, {
        log: logTo(process.stderr, logLevel),
        // The machine stands still for good; what to do is the user's decision, Ctrl-A x leaves.
        onStuck: (context, reason) => process.stderr.write(`${stuckMessage(context, reason)}\r\n`),
      });
      void tellPtys(machine);
      const heard = watchSilence(spec, (text) => process.stderr.write(text));
      machine.console.connect(piped(spec, session, heard));
      const status = await session.attach(machine.thread).finally(heard);
      if (status !== "reboot") return status;
      process.stderr.write("The guest reboots.\r\n");
    }
  } finally {
    session.close();
    await server?.close();
  }
}

async function tellPtys({ made, thread }: Debuggee): Promise<void> {
  await made;
  // A machine that has ended by then has told why.
  const overview = await thread.request("overview", undefined).catch(() => ({ devices: [] }));
  for (const line of ptyPorts(overview)) process.stderr.write(`${line}\r\n`);
}

/** This program's terminal, for as long as it lasts. */
class TerminalSession {
  readonly #raw: RawTerminal | undefined;
  readonly #escape = new EscapeFilter();
  readonly #leaving: Promise<number>;
  #leave: (status: number) => void = () => {};
  #machine: MachineThread | undefined;
  readonly #forgetSignals: () => void;
  #taking = false;

  constructor() {
    this.#leaving = new Promise((resolve) => {
      this.#leave = resolve;
    });
    this.#forgetSignals = onSignals((status) => this.#leave(status));
    const stdin = process.stdin;
    if (stdin.isTTY) {
      this.#raw = new RawTerminal(stdin as ReadStream);
      this.#raw.enter();
      process.stderr.write("Booting. Ctrl-A x leaves.\r\n");
      this.takeInput();
    }
    // A terminal that is closed takes the machine with it; an exhausted pipe does not: the guest may have more to say.
    stdin.on("error", () => this.#leave(SIGNAL_STATUS.SIGHUP));
    stdin.on("end", () => {
      if (stdin.isTTY) this.#leave(SIGNAL_STATUS.SIGHUP);
    });
    process.stdout.on("error", () => this.#leave(SIGNAL_STATUS.SIGHUP));
  }

  /** Begins to pass on what is typed. */
  takeInput(): void {
    if (this.#taking) return;
    this.#taking = true;
    process.stdin.on("data", (typed: Buffer) => this.#typed(typed));
  }

  /** Resolves with the exit status, or "reboot". */
  async attach(machine: MachineThread): Promise<number | "reboot"> {
    this.#machine = machine;
    try {
      const left = await Promise.race([machine.ended, this.#leaving]);
      if (typeof left === "number") {
        if (this.#raw !== undefined) process.stderr.write("\r\n");
        return left;
      }
      if (left.kind === "reboot") return "reboot";
      this.#raw?.restore();
      const { status, text } = describeEnd(left);
      process.stderr.write(`${text}\n`);
      return status;
    } finally {
      this.#machine = undefined;
      await machine.shutdown();
    }
  }

  close(): void {
    this.#raw?.restore();
    process.stdin.pause();
    process.stdin.removeAllListeners("data");
    this.#forgetSignals();
  }

  #typed(typed: Buffer): void {
    const { bytes, leave } = this.#raw === undefined ? { bytes: typed, leave: false } : this.#escape.filter(typed);
    if (leave) this.#leave(ExitStatus.OK);
    if (bytes.length === 0 || this.#machine === undefined) return;
    // What the guest has not taken yet holds the terminal back.
    process.stdin.pause();
    void this.#machine.console.send(bytes).then(() => process.stdin.resume());
  }
}

/**
 * Passes on what the guest writes, after a call of `heard`. Input from a pipe comes at once and would be lost in a guest that nobody listens in
 * yet: with the built image it waits for the shell's first prompt.
 */
function piped(spec: MachineSpec, session: TerminalSession, heard: () => void): ConsoleSink {
  if (!hasKnownPrompt(spec)) session.takeInput();
  const prompt = new PromptWatch();
  return {
    write(bytes) {
      heard();
      if (prompt.take(bytes)) session.takeInput();
      return writeAll(bytes);
    },
  };
}

/** Resolves when stdout has taken the bytes: a slow terminal makes the guest wait. */
function writeAll(bytes: Uint8Array): Promise<undefined> {
  return new Promise((resolve) => {
    process.stdout.write(bytes, () => resolve(undefined));
  });
}
