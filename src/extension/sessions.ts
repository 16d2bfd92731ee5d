import * as vscode from "vscode";
import type { AcrnEvents, AcrnRequests, MachineState } from "../debug-adapter/protocol.ts";
import { refusalOf, saysChanged } from "./adapter-messages.ts";

/** One machine and the debug session it lives in. */
export interface MachineSession {
  readonly debugSession: vscode.DebugSession;
  readonly state: MachineState;
  /** The adapter has ended without a word: it crashed or was killed, and the machine with it. */
  readonly isLost: boolean;
  /** Why there has never been a machine, in the adapter's words. */
  readonly refusal: string | undefined;
  /** Settings of the guest that the adapter has made the machine with, or tried to. */
  readonly usedDefaults: readonly string[];
  /** Rejects with the adapter's message, or when the session ends first. */
  request<K extends keyof AcrnRequests>(
    command: K,
    args: AcrnRequests[K]["arguments"],
  ): Promise<AcrnRequests[K]["body"]>;
  /** Ends the last `acrn/trace`, which is answered with what it has. */
  cancelTrace(): Promise<void>;
}

export interface Sessions {
  /** The one the debug views show; else the newest. */
  readonly active: MachineSession | undefined;
  readonly all: readonly MachineSession[];
  /**
   * Fires with the active session when it, or the state of any, has changed: started, stopped, gone on, ended; and when the
   * user has changed something in a machine.
   */
  readonly onDidChange: vscode.Event<MachineSession | undefined>;
  /** Fires for each machine that comes. */
  readonly onDidStart: vscode.Event<MachineSession>;
  /** Fires once for each of them, also for one that has not come to life: VS Code does not tell of the end of those. */
  readonly onDidEnd: vscode.Event<MachineSession>;
  /** Events of {@link AcrnEvents}; `body` is of the event's type, made by this extension's own adapter. */
  readonly onDidReceiveEvent: vscode.Event<SessionEvent>;
}

/** The active machine, unless it is going down. */
export const liveMachine = ({ active }: Sessions): MachineSession | undefined =>
  active?.state === "ended" ? undefined : active;

export type SessionEvent = {
  readonly [K in keyof AcrnEvents]: {
    readonly session: MachineSession;
    readonly event: K;
    readonly body: AcrnEvents[K];
  };
}[keyof AcrnEvents];

class TrackedSession implements MachineSession {
  readonly debugSession: vscode.DebugSession;
  state: MachineState = "starting";
  isLost = false;
  refusal: string | undefined;
  usedDefaults: readonly string[] = [];
  /** Number of the last request for a trace; VS Code does not tell who makes a request of its own. */
  trace: unknown;
  /** VS Code has asked the adapter to end. */
  isLeft = false;

  constructor(debugSession: vscode.DebugSession) {
    this.debugSession = debugSession;
  }

  async request<K extends keyof AcrnRequests>(command: K, args: AcrnRequests[K]["arguments"]) {
    return (await this.debugSession.customRequest(command, args)) as AcrnRequests[K]["body"];
  }

  async cancelTrace(): Promise<void> {
    if (this.trace !== undefined) await this.debugSession.customRequest("cancel", { requestId: this.trace });
  }
}

const isAcrnEvent = (event: string): event is keyof AcrnEvents => event.startsWith("acrn/");

/** Follows every debug session of type acrn. */
export class SessionTracker implements Sessions, vscode.Disposable {
  readonly #sessions = new Map<string, TrackedSession>();
  readonly #changed = new vscode.EventEmitter<MachineSession | undefined>();
  readonly #started = new vscode.EventEmitter<MachineSession>();
  readonly #ended = new vscode.EventEmitter<MachineSession>();
  readonly #events = new vscode.EventEmitter<SessionEvent>();
  readonly #disposables: vscode.Disposable[];

  readonly onDidChange = this.#changed.event;
  readonly onDidStart = this.#started.event;
  readonly onDidEnd = this.#ended.event;
  readonly onDidReceiveEvent = this.#events.event;

  constructor() {
    this.#disposables = [
      this.#changed,
      this.#started,
      this.#ended,
      this.#events,
      vscode.debug.registerDebugAdapterTrackerFactory("acrn", {
        createDebugAdapterTracker: (session) => this.#track(session),
      }),
      vscode.debug.onDidTerminateDebugSession((session) => this.#end(session.id)),
      vscode.debug.onDidChangeActiveDebugSession(() => this.#changed.fire(this.active)),
    ];
  }

  get active(): MachineSession | undefined {
    const chosen = vscode.debug.activeDebugSession;
    return (chosen && this.#sessions.get(chosen.id)) ?? this.all.at(-1);
  }

  get all(): readonly MachineSession[] {
    return [...this.#sessions.values()];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #track(debugSession: vscode.DebugSession): vscode.DebugAdapterTracker {
    const session = new TrackedSession(debugSession);
    this.#sessions.set(debugSession.id, session);
    this.#started.fire(session);
    this.#changed.fire(this.active);
    return {
      onWillReceiveMessage: ({ command, seq }: { readonly command?: unknown; readonly seq?: unknown }) => {
        if (command === "disconnect") session.isLeft = true;
        if (command === "acrn/trace") session.trace = seq;
      },
      onDidSendMessage: (message: unknown) => this.#received(session, message),
      onExit: () => {
        session.isLost = !session.isLeft && session.state !== "ended";
        this.#end(debugSession.id);
      },
      onWillStopSession: () => this.#end(debugSession.id),
    };
  }

  #received(session: TrackedSession, message: unknown): void {
    const { type, event, body } = message as { readonly [name: string]: unknown };
    if (!session.isLeft) session.refusal ??= refusalOf(message);
    if (type === "event" && typeof event === "string" && isAcrnEvent(event)) {
      const told = { session, event, body } as SessionEvent;
      if (told.event === "acrn/defaults") session.usedDefaults = told.body.used;
      if (told.event === "acrn/state") this.#become(session, told.body.state);
      this.#events.fire(told);
    } else if (saysChanged(message)) this.#changed.fire(this.active);
  }

  #become(session: TrackedSession, state: MachineState): void {
    // It may still say something while it goes down.
    if (session.state === state || session.state === "ended") return;
    session.state = state;
    this.#changed.fire(this.active);
  }

  #end(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.state = "ended";
    this.#sessions.delete(id);
    this.#ended.fire(session);
    this.#changed.fire(this.active);
  }
}
