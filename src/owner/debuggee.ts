import type { Log } from "../model/doors/host.ts";
import type { DebugEvent } from "../model/protocol/debug.ts";
import type { MachineSpec, Progress } from "../model/protocol/machine.ts";
import { ConsoleHub } from "./console-hub.ts";
import { type MachineEnd, MachineThread } from "./machine-thread.ts";

/** What a debugger is told of a machine. */
export interface DebuggeeListener {
  readonly log: Log;
  /** A backend of the guest is a pseudo-terminal with this path. */
  readonly pty: (path: string) => void;
  readonly progress: (step: Progress) => void;
  /** The guest's functions have their names, or other ones than before. */
  readonly symbols: () => void;
  readonly debug: (event: DebugEvent) => void;
  readonly ended: (end: MachineEnd) => void;
}

export interface DebuggeeOptions {
  readonly log?: Log;
  /** A vCPU waits for something nobody is left to do. */
  readonly onStuck?: (context: string, reason: string) => void;
}

/** A machine that can be debugged: by one debugger at a time, or by none. */
export class Debuggee {
  readonly thread: MachineThread;
  readonly console = new ConsoleHub();
  readonly spec: MachineSpec;
  /** The stop it stands at, undefined while it runs. */
  stop: Extract<DebugEvent, { type: "stopped" }> | undefined;
  end: MachineEnd | undefined;
  /** "ready" once the guest's user space is up. */
  step: Progress = "loading";
  /** Resolves when the machine can be asked, or has ended before. */
  readonly made: Promise<void>;
  #listener: DebuggeeListener | undefined;

  /** `log` gets the machine's messages also while nobody debugs it. */
  constructor(spec: MachineSpec, options: DebuggeeOptions = {}) {
    this.spec = spec;
    let isMade: () => void = () => {};
    this.made = new Promise((resolve) => {
      isMade = resolve;
    });
    this.thread = new MachineThread(spec, {
      log: (level, source, message, kind) => {
        options.log?.(level, source, message, kind);
        this.#listener?.log(level, source, message, kind);
      },
      onPty: (path) => this.#listener?.pty(path),
      onConsole: this.console.take,
      onProgress: (step) => {
        this.step = step;
        if (step !== "loading") isMade();
        this.#listener?.progress(step);
      },
      onStuck: options.onStuck,
      onSymbols: () => this.#listener?.symbols(),
      onDebug: (event) => this.#debug(event),
    });
    void this.thread.ended.then((end) => {
      this.end = end;
      isMade();
      this.#listener?.ended(end);
    });
  }

  get debugged(): boolean {
    return this.#listener !== undefined;
  }

  /** Nobody may be debugging it. */
  attach(listener: DebuggeeListener): void {
    this.#listener = listener;
  }

  /** Lets the machine go on as if nobody had looked. */
  async detach(): Promise<void> {
    this.#listener = undefined;
    if (this.end !== undefined) return;
    const nothing = { breakpoints: [], dataBreakpoints: [], exceptions: [], leaves: true } as const;
    // A machine that ends meanwhile needs no more.
    await this.thread.request("arm", nothing).catch(() => {});
    if (this.stop !== undefined) await this.thread.request("continue", undefined).catch(() => {});
  }

  /** Lets the guest switch itself off, if it can and does so soon, and ends the machine. */
  async powerOff(): Promise<MachineEnd> {
    const asked = await this.thread.request("powerOff", undefined).catch(() => false);
    if (!asked) await this.thread.shutdown();
    const end = await this.thread.ended;
    await this.thread.shutdown();
    return end;
  }

  #debug(event: DebugEvent): void {
    if (event.type === "stopped") this.stop = event;
    if (event.type === "continued") this.stop = undefined;
    this.#listener?.debug(event);
  }
}
