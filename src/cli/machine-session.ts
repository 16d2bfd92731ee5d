import type { MachineSpec, Progress } from "../model/protocol/machine.ts";
import { type MachineEnd, MachineThread } from "../owner/machine-thread.ts";
import { CliError, ExitStatus } from "./exit.ts";
import { describeEnd } from "./guest-end.ts";
import { GuestShell } from "./guest-shell.ts";
import { logTo } from "./log.ts";
import { onSignals } from "./signals.ts";

export interface SessionOptions {
  /** Level of the messages shown. */
  readonly log: number;
  /** Gets what the guest writes to its console. */
  readonly echo?: (text: string) => void;
}

/**
 * A machine the program itself uses, by its console. Whatever keeps it from going on (its end, a stuck vCPU, a
 * signal) rejects what is being waited for through `guard`.
 */
export class MachineSession {
  readonly machine: MachineThread;
  readonly shell: GuestShell;
  readonly #reached = new Map<Progress | "symbols", () => void>();
  readonly #milestones = new Map<Progress | "symbols", Promise<void>>();
  readonly #broken: Promise<never>;
  readonly #forgetSignals: () => void;
  readonly #outputLost: () => void;

  constructor(spec: MachineSpec, options: SessionOptions) {
    for (const step of ["booting", "ready", "symbols"] as const) {
      this.#milestones.set(step, new Promise((resolve) => this.#reached.set(step, resolve)));
    }
    let breakOff: (error: CliError) => void = () => {};
    const broken = new Promise<never>((_, reject) => {
      breakOff = reject;
    });
    this.shell = new GuestShell(() => this.machine, options.echo);
    this.machine = new MachineThread(spec, {
      log: logTo(process.stderr, options.log),
      onConsole: this.shell.take,
      onProgress: (step) => this.#reached.get(step)?.(),
      onSymbols: () => this.#reached.get("symbols")?.(),
      onStuck: (context, reason) => breakOff(new CliError(ExitStatus.GUEST, stuckMessage(context, reason))),
    });
    void this.machine.ended.then((end) => breakOff(endedEarly(end)));
    this.#forgetSignals = onSignals((status, signal) => breakOff(new CliError(status, `ended by ${signal}`)));
    // Whoever read the output has seen enough.
    this.#outputLost = () => breakOff(new CliError(ExitStatus.OK, ""));
    process.stdout.on("error", this.#outputLost);
    this.#broken = broken;
    this.#broken.catch(() => {});
  }

  /** `promise`, unless the machine cannot go on. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#broken]);
  }

  /** Resolves when the machine has got that far. */
  until(step: "booting" | "ready" | "symbols"): Promise<void> {
    return this.guard(this.#milestones.get(step) ?? Promise.resolve());
  }

  async close(): Promise<void> {
    this.#forgetSignals();
    process.stdout.off("error", this.#outputLost);
    await this.machine.shutdown();
  }
}

/** What is said of a vCPU that waits for something nobody is left to do. */
export const stuckMessage = (context: string, reason: string): string =>
  `The guest is stuck: ${context} waits for ${reason}, and nobody is left who could end that.`;

function endedEarly(end: MachineEnd): CliError {
  const { status, text } = describeEnd(end);
  return new CliError(status === ExitStatus.OK ? ExitStatus.GUEST : status, text);
}
