import type { ContextId, DebugEvent, FrameId } from "../model/protocol/debug.ts";
import type { RequestName, Requests } from "../model/protocol/machine.ts";
import type { Debuggee } from "../owner/debuggee.ts";
import type { MachineEnd } from "../owner/machine-thread.ts";
import { BreakpointStore } from "./breakpoints/store.ts";
import { type ConsoleWay, SessionConsole } from "./console/session-console.ts";
import { EventOrder } from "./event-order.ts";
import type { DebugOptions, Launch } from "./launch-arguments.ts";
import { LookAhead } from "./look-ahead.ts";
import type { Phase } from "./phase.ts";
import { BootProgress } from "./progress.ts";
import type { MachineState } from "./protocol.ts";
import { RequestError } from "./request-error.ts";
import { type Client, clientOf } from "./requests.ts";
import type { SourceFinder } from "./source-finder.ts";
import type { OutputCategory, Surroundings, Wire } from "./surroundings.ts";

/** What one session knows: its client, its machine and what is armed. Features work on it. */
export class SessionState {
  readonly surroundings: Surroundings;
  readonly wire: Wire;
  readonly breakpoints = new BreakpointStore();
  readonly console: SessionConsole;
  readonly progress: BootProgress;
  readonly order = new EventOrder();
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
  /** Whose source frames show has been told. */
  modelSourceTold = false;
  /** The thread of the last stop. */
  stoppedThread = 1;
  /** This session has switched the recording of hops on. */
  records = false;
  /** Contexts of the frames the client has seen since the last stop. */
  readonly frameContexts = new Map<FrameId, ContextId>();
  /** Told when the machine has ended without being asked to. */
  onEnded: (end: MachineEnd) => void = () => {};
  /** Told when the client has said that it leaves. */
  onDisconnected: () => void = () => {};
  #state: MachineState | undefined;

  constructor(surroundings: Surroundings, wire: Wire) {
    this.surroundings = surroundings;
    this.wire = wire;
    this.progress = new BootProgress(wire.event);
    this.console = new SessionConsole({
      wire,
      program: surroundings.program,
      drained: surroundings.drained,
      output: (category, text) => this.output(category, text),
      machine: () => (this.phase === "ended" ? undefined : this.machine),
    });
  }

  /** What the client has been told of the machine last. */
  get state(): MachineState | undefined {
    return this.#state;
  }

  /** Tells the client what the machine is now, where that is new. */
  become(state: MachineState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.wire.event("acrn/state", { state });
  }

  /** It is not stopped: it boots, or has done so. */
  goesOn(): void {
    this.become(this.progress.isUnderWay ? "starting" : "running");
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

  /** The best way this client has. */
  get consoleWay(): ConsoleWay {
    const { client, options } = this;
    if ((options?.console ?? "terminal") !== "terminal") return "nowhere";
    if (client.acrnConsole || options?.consoleEvents) return "events";
    return client.runInTerminal ? "terminal" : "output";
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

  output(category: OutputCategory, output: string): void {
    this.wire.event("output", { category, output });
  }

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
