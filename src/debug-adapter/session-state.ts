import type { ContextId, DebugEvent, FrameId } from "../model/protocol/debug.ts";
import type { RequestName, Requests } from "../model/protocol/machine.ts";
import type { Debuggee, DebuggeeListener } from "../owner/debuggee.ts";
import type { MachineEnd } from "../owner/machine-thread.ts";
import { guestSymbolsChanged } from "./breakpoints/function.ts";
import { BreakpointStore } from "./breakpoints/store.ts";
import { SessionConsole } from "./console/session-console.ts";
import type { DebugOptions, Launch, SpecMaker } from "./launch-arguments.ts";
import { LookAhead } from "./look-ahead.ts";
import { BootProgress } from "./progress.ts";
import { RequestError } from "./request-error.ts";
import { type Client, clientOf } from "./requests.ts";
import type { SourceFinder } from "./source-finder.ts";
import { StopEvents } from "./stop-events.ts";

/** What a session is given by the server it runs in. */
export interface Surroundings {
  readonly makeSpec: SpecMaker;
  /** Exit status and a sentence for the end of a machine. */
  readonly describeEnd: (end: MachineEnd) => { readonly status: number; readonly text: string };
  /** The command that starts this program, for its console client. */
  readonly program: readonly string[];
  /** Where indexes of source trees are kept. */
  readonly cacheFolder: string | undefined;
  /** Resolves when the client has taken what was sent. */
  readonly drained: () => Promise<void>;
  /** The server's own machine, which sessions attach to. */
  readonly machine: MachineHolder;
}

/** The machine that outlives sessions, if the server can have one. */
export interface MachineHolder {
  /** Why no machine can be launched here, undefined when one can. */
  readonly refusesLaunch: string | undefined;
  /** Why a machine cannot be left behind, undefined when it can. */
  readonly refusesKeeping: string | undefined;
  get(): Debuggee | undefined;
  keep(machine: Debuggee): void;
  /** Its console belongs to no terminal of its own: whoever attaches may show it. */
  readonly consoleIsFree: boolean;
}

/** Messages to the client. */
export interface Wire {
  readonly event: (event: string, body?: object) => void;
  readonly request: (command: string, args: object) => Promise<unknown>;
  readonly cancelRequest: (id: number) => void;
  /** Cancels every request that has no answer yet, but for the one with this signal. */
  readonly cancelOthers: (own: AbortSignal) => void;
}

/** launching: until the client has said what it wants to stop at. ended: the machine is gone, the client is not. */
export type Phase = "fresh" | "initialized" | "launching" | "live" | "ended";

const ALWAYS = new Set(["cancel", "disconnect", "terminate", "restart", "threads", "acrn/consoleAck"]);

/** What one session knows: its client, its machine and what is armed. Features work on it. */
export class SessionState {
  readonly surroundings: Surroundings;
  readonly wire: Wire;
  readonly breakpoints = new BreakpointStore();
  readonly console = new SessionConsole(this);
  readonly progress = new BootProgress(this);
  readonly stops = new StopEvents(this);
  phase: Phase = "fresh";
  /** The client has gone: what was begun for it must not be finished. */
  closed = false;
  client: Client = clientOf({ adapterID: "acrn" });
  options: DebugOptions | undefined;
  /** Undefined when attached. */
  launch: Launch | undefined;
  machine: Debuggee | undefined;
  sources: SourceFinder | undefined;
  /** The machine the client has asked to end. */
  terminating: Debuggee | undefined;
  readonly ahead = new LookAhead();
  /** This session has switched the recording of hops on. */
  records = false;
  /** Contexts of the frames the client has seen since the last stop. */
  readonly frameContexts = new Map<FrameId, ContextId>();
  /** Told when the machine has ended without being asked to. */
  onEnded: (end: MachineEnd) => void = () => {};
  /** Told when the client has said that it leaves. */
  onDisconnected: () => void = () => {};

  constructor(surroundings: Surroundings, wire: Wire) {
    this.surroundings = surroundings;
    this.wire = wire;
  }

  /** Throws when a request comes in a state in which it cannot be answered. */
  check(command: string): void {
    const { phase } = this;
    if (phase === "fresh") {
      if (command !== "initialize") throw new RequestError(`${command}: "initialize" must come first`);
    } else if (command === "initialize") {
      throw new RequestError("initialize: this session is initialized already");
    } else if (command === "launch" || command === "attach") {
      if (phase !== "initialized") throw new RequestError(`${command}: this session has a machine already`);
    } else if (!ALWAYS.has(command)) {
      if (phase === "initialized")
        throw new RequestError(`${command}: there is no machine yet; launch or attach first`);
      if (phase === "ended") throw new RequestError(`${command}: the machine has ended; restart or disconnect`);
    }
  }

  /** Asks the machine. `signal`: of a request that waits for the guest, until it is cancelled. */
  ask<K extends RequestName>(
    name: K,
    body: Requests[K]["request"],
    signal?: AbortSignal,
  ): Promise<Requests[K]["answer"]> {
    return this.running().thread.request(name, body, signal);
  }

  /** The machine, which there is. */
  running(): Debuggee {
    if (this.machine === undefined || this.phase === "ended") throw new RequestError("there is no machine");
    return this.machine;
  }

  /** Throws while the guest runs. */
  stopped(what: string): Extract<DebugEvent, { type: "stopped" }> {
    const { stop } = this.running();
    if (stop === undefined) throw new RequestError(`${what}: the machine is running; pause it first`);
    return stop;
  }

  /** The machine's console is this session's; else it is in the terminal in which the machine was started. */
  get ownsConsole(): boolean {
    return this.launch !== undefined || this.surroundings.machine.consoleIsFree;
  }

  async record(on: boolean): Promise<void> {
    await this.ask("record", on);
    this.records = on;
  }

  /** Lets the machine go on without this session. */
  async leave(machine: Debuggee): Promise<void> {
    // What the guest writes from now on waits for the next client, unless it has a terminal of its own.
    if (this.ownsConsole) machine.console.connect(undefined);
    // A machine that ends meanwhile needs no more.
    if (this.records) await machine.thread.request("record", false).catch(() => {});
    await machine.detach();
  }

  output(category: "console" | "stdout" | "stderr" | "important", output: string): void {
    this.wire.event("output", { category, output });
  }

  /** What the session wants to hear of its machine. */
  readonly listener: DebuggeeListener = {
    log: (level, source, message, kind) => {
      // Where a pty is comes as a value.
      if (level <= 2 && kind !== "announcement") this.output("stderr", `${source}: ${message.trim()}\n`);
    },
    pty: (path) => this.console.ptyOpened(path),
    progress: (step) => this.progress.reached(step),
    symbols: () => {
      void guestSymbolsChanged(this);
      if (this.phase !== "live") return;
      this.wire.event("acrn/symbols");
      // While the machine runs there are no stacks; VS Code would forget its threads.
      const shown = this.client.invalidated && this.machine?.stop !== undefined;
      if (shown) this.wire.event("invalidated", { areas: ["stacks"] });
    },
    debug: (event) => this.stops.take(event),
    ended: (end) => this.onEnded(end),
  };

  /** The client has gone: nothing of this session may be left. */
  async close(): Promise<void> {
    const { machine, launch } = this;
    this.closed = true;
    this.onEnded = () => {};
    this.phase = "ended";
    this.machine = undefined;
    await this.console.close();
    await this.sources?.dispose();
    if (machine === undefined) return;
    if (launch !== undefined) await machine.thread.shutdown();
    else await this.leave(machine);
  }
}
