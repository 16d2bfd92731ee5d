import { pathToFileURL } from "node:url";
import { GuestShell } from "../../src/cli/guest-shell.ts";
import { machineSpec } from "../../src/cli/machine-spec.ts";
import { parseOptions } from "../../src/cli/options.ts";
import type { HopRecord } from "../../src/model/chain/hop-records.ts";
import type { KickTrace, MachineSpec, Progress } from "../../src/model/protocol/machine.ts";
import { type MachineEnd, MachineThread } from "../../src/owner/machine-thread.ts";

/** The whole product with the real guest: a machine in its thread, and somebody who types at its console. */

export const ROOT = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();
const PROJECT = pathToFileURL(`${ROOT}/`);
/** Only a safety net: tests wait for states, and a slow computer is no failure. */
const PATIENCE = 120_000;

export interface LogLine {
  readonly level: number;
  readonly text: string;
}

/** Rejects when `promise` takes too long; `state` tells what there is to see. */
export async function within<T>(what: string, promise: Promise<T>, state: () => string = () => ""): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}\n${state()}`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, patience]);
  } finally {
    clearTimeout(timer);
  }
}

export interface TestMachineOptions {
  /** Replaces parts of what the options say. */
  readonly spec?: Partial<MachineSpec>;
  /** Called as soon as the machine takes requests, before its first instruction. */
  readonly onMade?: (machine: TestMachine) => void;
}

/** A machine started with the options of `acrn-virtio run`. */
export class TestMachine {
  readonly thread: MachineThread;
  readonly shell: GuestShell;
  readonly log: LogLine[] = [];
  /** Stations the world stopped at. */
  readonly stops: string[] = [];
  readonly #reached = new Set<Progress>();
  #symbolTables = 0;
  #changed: (() => void)[] = [];

  constructor(args: readonly string[] = [], options: TestMachineOptions = {}) {
    const parsed = parseOptions("run", args);
    if (typeof parsed === "string") throw new Error(`options that ask for ${parsed}`);
    this.shell = new GuestShell(() => this.thread);
    this.thread = new MachineThread(
      { ...machineSpec(parsed, PROJECT), ...options.spec },
      {
        log: (level, source, message) => this.#note(() => this.log.push({ level, text: `${source}: ${message}` })),
        onConsole: this.shell.take,
        onProgress: (step) => {
          if (step === "booting") options.onMade?.(this);
          this.#note(() => this.#reached.add(step));
        },
        onSymbols: () => this.#note(() => this.#symbolTables++),
        onStopped: (station) => this.#note(() => this.stops.push(station)),
      },
      { workerUrl: new URL("dist/worker.js", PROJECT) },
    );
    void this.thread.ended.then(() => this.#note(() => {}));
  }

  /** Boots to the shell's prompt. */
  static async boot(args: readonly string[] = [], options: TestMachineOptions = {}): Promise<TestMachine> {
    const machine = new TestMachine(args, options);
    try {
      await machine.prompt();
    } catch (error) {
      await machine.close();
      throw error;
    }
    return machine;
  }

  #note(change: () => void): void {
    change();
    for (const wake of this.#changed.splice(0)) wake();
  }

  #state = (): string => {
    const log = this.log.map(({ level, text }) => `${level} ${text}`);
    return `console:\n${this.shell.output.slice(-2000)}\nlog:\n${log.slice(-20).join("\n")}`;
  };

  async prompt(): Promise<void> {
    await within("the shell's prompt", this.shell.prompt(), this.#state);
  }

  /** Runs a command in the guest and returns what it printed. */
  run(command: string): Promise<string> {
    return within(`the end of "${command}"`, this.shell.run(command), this.#state);
  }

  /** Waits for the running guest's own symbols: modules may lie elsewhere than when the image was made. */
  named(): Promise<void> {
    return this.until("the guest's own symbols", () => this.#symbolTables >= 2);
  }

  /** Waits until what the console has shown since the last command matches. */
  output(what: string, pattern: RegExp): Promise<void> {
    return within(
      what,
      this.shell.until(() => pattern.test(this.shell.output), what),
      this.#state,
    );
  }

  reached(step: Progress): Promise<void> {
    return this.until(step, () => this.#reached.has(step));
  }

  /** Waits for something that shows in the log, the stops or the progress; fails when the machine ends first. */
  async until(what: string, condition: () => boolean): Promise<void> {
    let ended: MachineEnd | undefined;
    void this.thread.ended.then((end) => {
      ended = end;
    });
    while (!condition()) {
      if (ended !== undefined) throw new Error(`the machine ended (${JSON.stringify(ended)}) instead of ${what}`);
      await within(what, new Promise<void>((resolve) => this.#changed.push(resolve)), this.#state);
    }
  }

  /** The log's lines up to a level, without those that match `but`. */
  messages(level: number, but = /^$/): string[] {
    return this.log.filter((line) => line.level <= level && !but.test(line.text)).map((line) => line.text);
  }

  /** Traces the next kicks of a queue that `provoke` causes. */
  async kicks(
    slot: number,
    queue: number,
    kicks: number,
    provoke: () => Promise<unknown>,
  ): Promise<readonly KickTrace[]> {
    const traced = this.thread.request("trace", { slot, queue, kicks });
    await provoke();
    return within(`${kicks} kicks of queue ${queue}`, traced, this.#state);
  }

  /** All hops recorded while `body` runs. */
  async record(body: () => Promise<unknown>): Promise<readonly HopRecord[]> {
    const { next } = await this.thread.request("hops", Number.MAX_SAFE_INTEGER);
    await this.thread.request("record", true);
    await body();
    await this.thread.request("record", false);
    return (await this.thread.request("hops", next)).hops;
  }

  /** How the machine ended. */
  end(): Promise<MachineEnd> {
    return within("the machine's end", this.thread.ended, this.#state);
  }

  close(): Promise<void> {
    return this.thread.shutdown();
  }
}

/** "context station", without the frames that were open already when their context was woken. */
export const steps = (hops: readonly HopRecord[]): string[] =>
  hops.filter((hop) => !hop.resumed).map((hop) => `${hop.context} ${hop.station}`);

/** The hops that led to `hop`, the first cause first: callers within a context, causes from one to the next. */
export function causesOf(hops: readonly HopRecord[], hop: HopRecord): HopRecord[] {
  const chain: HopRecord[] = [];
  for (let at: HopRecord | undefined = hop; at !== undefined; ) {
    chain.unshift(at);
    const next: number | null = at.cause ?? at.caller;
    at = next === null ? undefined : hops[next];
  }
  return chain;
}
