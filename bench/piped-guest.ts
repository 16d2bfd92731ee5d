import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { MACHINE_OPTIONS } from "./machine-options.ts";
import { Tail } from "./tail.ts";
import { within } from "./within.ts";

const PATIENCE_MS = 600_000;
const END_PATIENCE_MS = 30_000;

export interface Answer {
  /** All that came from the command's Enter to the prompt. */
  readonly text: string;
  readonly milliseconds: number;
}

/** The shipped command line with pipes for the console: what there is without VS Code. */
export class PipedGuest {
  readonly #child: ChildProcess;
  readonly #tail = new Tail();
  #pieces: Buffer[] = [];
  #errors = "";
  #taken: () => void = () => {};

  /** Boots. `bootMilliseconds`: from the start of the process to the prompt. */
  static async boot(program: string): Promise<{ guest: PipedGuest; bootMilliseconds: number }> {
    const start = performance.now();
    const guest = new PipedGuest(program);
    await guest.#until(() => guest.#tail.atPrompt);
    return { guest, bootMilliseconds: performance.now() - start };
  }

  private constructor(program: string) {
    this.#child = spawn(process.execPath, [...MACHINE_OPTIONS, program, "run"], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr?.on("data", (data) => {
      this.#errors += data;
    });
    this.#child.stdout?.on("data", (data: Buffer) => {
      this.#pieces.push(data);
      this.#tail.add(data);
      this.#taken();
    });
  }

  /** Types a command, then Enter, from which on time counts. */
  async run(command: string): Promise<Answer> {
    this.#tail.clear();
    this.#child.stdin?.write(command);
    await this.#until(() => this.#tail.text.endsWith(command));
    this.#pieces = [];
    this.#tail.clear();
    const start = performance.now();
    this.#child.stdin?.write("\r");
    await this.#until(() => this.#tail.atPrompt);
    return { milliseconds: performance.now() - start, text: Buffer.concat(this.#pieces).toString("latin1") };
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await within(END_PATIENCE_MS, "the end of acrn-virtio run", closed);
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new Error(`acrn-virtio run ${why}\n${this.#errors}\n${this.#tail.text}`));
      const patience = setTimeout(() => fail("does not get on"), PATIENCE_MS);
      const ended = (): void => fail("has ended");
      this.#child.once("close", ended);
      this.#taken = () => {
        if (!condition()) return;
        clearTimeout(patience);
        this.#child.off("close", ended);
        this.#taken = () => {};
        resolve();
      };
    });
  }
}
