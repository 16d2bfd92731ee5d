import { Worker } from "node:worker_threads";
import type { GuestEnd } from "../model/doors/guest.ts";
import type { Log } from "../model/doors/host.ts";
import { createByteRingPair } from "../model/host/channel-file.ts";
import { ChannelOwner, type OnData } from "../model/host/channel-owner.ts";
import type { DebugEvent, RefusalCode } from "../model/protocol/debug.ts";
import type { FromThread, MachineSpec, Progress, Refusal, RequestName, Requests } from "../model/protocol/machine.ts";

/** How a machine ended, seen from outside. */
export type MachineEnd =
  | GuestEnd
  /** It could not be made: a message, and acrn-dm's exit status. */
  | { readonly kind: "failed"; readonly status: number; readonly message: string }
  /** Its thread died of an error that is not the guest's. */
  | { readonly kind: "crashed"; readonly message: string };

/** The machine has refused a request. */
export class Refused extends Error {
  readonly code: RefusalCode | undefined;

  constructor({ message, code }: Refusal) {
    super(message);
    this.code = code;
  }
}

export interface MachineEvents {
  readonly log: Log;
  /** Takes what the guest writes to the stdio console; the guest waits while its promise is pending. */
  readonly onConsole: OnData;
  readonly onPty?: (path: string) => void;
  readonly onProgress?: (step: Progress) => void;
  readonly onSymbols?: (count: number) => void;
  readonly onStopped?: (station: string, context: string) => void;
  readonly onDebug?: (event: DebugEvent) => void;
  readonly onStuck?: (context: string, reason: string) => void;
}

/** For bundles that do not lie beside the worker's: where `worker.js` is. */
export interface MachineThreadOptions {
  readonly workerUrl?: URL;
}

/** Bytes of console output, and of input, on their way between the threads: what is typed is answered behind them. */
const CONSOLE_RING = 16 * 1024;
/** Words of the shared control memory. */
const CONTROL_WORDS = 1;

/**
 * A machine in a thread of its own, seen by the thread that owns it. The machine may stand still in the middle of a
 * guest instruction; the owner stays responsive and its requests are answered all the same.
 */
export class MachineThread {
  /** The stdio console: what is sent to it is typed in the guest. */
  readonly console: ChannelOwner;
  /** Resolves once; never rejects. */
  readonly ended: Promise<MachineEnd>;
  readonly #worker: Worker;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  readonly #events: MachineEvents;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  /** The thread has told how the machine ended. */
  #reported = false;
  #over: MachineEnd | undefined;
  #leaving = false;
  #settle: (end: MachineEnd) => void = () => {};

  /** Starts the thread; the machine boots at once. */
  constructor(spec: MachineSpec, events: MachineEvents, options: MachineThreadOptions = {}) {
    this.#events = events;
    const ring = createByteRingPair(CONSOLE_RING);
    this.console = new ChannelOwner(ring, events.onConsole);
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#worker = new Worker(options.workerUrl ?? new URL("./worker.js", import.meta.url), {
      workerData: { spec, console: ring, control: this.#control.buffer },
      name: "acrn-machine",
    });
    this.#worker.on("message", (message: FromThread) => this.#receive(message));
    this.#worker.on("error", (error) => this.#end({ kind: "crashed", message: describe(error) }));
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", (code) => {
        // After its last message a thread may go at once, while the owner still takes what the guest wrote.
        if (!this.#reported) this.#end({ kind: "crashed", message: `it exited with code ${code}` });
        resolve();
      });
    });
  }

  /**
   * Asks the machine; answered also while the world is stopped. Rejects when the machine has ended. `signal`: a trace that waits
   * for kicks is answered with what it has.
   */
  request<K extends RequestName>(
    name: K,
    body: Requests[K]["request"],
    signal?: AbortSignal,
  ): Promise<Requests[K]["answer"]> {
    if (this.#over !== undefined)
      return Promise.reject(new Error(`${name}: the machine has ended (${this.#over.kind})`));
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#worker.postMessage({ id, name, body });
    // Wakes a thread that stands still; it then looks for messages.
    Atomics.add(this.#control, 0, 1);
    Atomics.notify(this.#control, 0);
    // A machine that ends meanwhile has rejected the request itself.
    const cancel = (): void => void this.request("cancel", id).catch(() => {});
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
    return answer as Promise<Requests[K]["answer"]>;
  }

  /** Ends the machine and lets go of everything it holds. Idempotent. */
  async shutdown(): Promise<void> {
    // What the machine has to say about losing its terminal interests nobody any more.
    this.#leaving = true;
    this.console.close();
    const asked = this.request("shutdown", undefined).catch(() => {});
    const patience = new Promise<void>((resolve) => {
      setTimeout(resolve, SHUTDOWN_MS).unref();
    });
    await Promise.race([asked, this.#exited, patience]);
    await this.#worker.terminate();
    this.#end({ kind: "halt" });
  }

  /** Ends the thread where it is. What it holds is let go, except for a socket's file, which the next machine replaces. */
  async kill(): Promise<void> {
    this.#leaving = true;
    this.console.close();
    await this.#worker.terminate();
    this.#end({ kind: "halt" });
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case "log":
        if (!this.#leaving) this.#events.log(message.level, message.source, message.message, message.kind);
        break;
      case "pty":
        this.#events.onPty?.(message.path);
        break;
      case "progress":
        this.#events.onProgress?.(message.step);
        break;
      case "symbols":
        this.#events.onSymbols?.(message.count);
        break;
      case "stopped":
        this.#events.onStopped?.(message.station, message.context);
        break;
      case "debug":
        this.#events.onDebug?.(message.event);
        break;
      case "stuck":
        this.#events.onStuck?.(message.context, message.reason);
        break;
      case "ended":
        this.#reported = true;
        // What the guest said last is still on its way to the terminal.
        void this.console.finish().finally(() => this.#end(message.end));
        break;
      case "failed":
        this.#reported = true;
        this.#end({ kind: "failed", status: message.status, message: message.message });
        break;
      case "crashed":
        this.#reported = true;
        this.#end({ kind: "crashed", message: message.message });
        break;
      case "answer":
        this.#answered(message);
        break;
    }
  }

  #answered(message: Extract<FromThread, { type: "answer" }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error !== undefined) waiting?.reject(new Refused(message.error));
    else waiting?.resolve(message.value);
  }

  #end(end: MachineEnd): void {
    if (this.#over !== undefined) return;
    this.#over = end;
    this.#settle(end);
    this.console.close();
    for (const { reject } of this.#waiting.values()) reject(new Error(`the machine has ended (${end.kind})`));
    this.#waiting.clear();
  }
}

/** How long an orderly end may take before the thread is stopped. */
const SHUTDOWN_MS = 2000;

const OUT_OF_MEMORY = "it ran out of memory; close other programs, or raise the limit on address space (ulimit -v)";

const TOO_MANY_FILES = "; raise the limit on open files (ulimit -n)";

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY") return OUT_OF_MEMORY;
  return `${error.message}${/\bE[MN]FILE\b/.test(error.message) ? TOO_MANY_FILES : ""}`;
}
