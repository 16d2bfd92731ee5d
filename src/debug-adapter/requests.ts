import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AcrnRequests } from "./protocol.ts";
import type { SessionState } from "./session-state.ts";

/** What a request handler gets besides the arguments, which it checks itself. */
export interface Call {
  readonly session: SessionState;
  /** Aborted when the client cancels the request or is gone. */
  readonly signal: AbortSignal;
  /** Runs after the response has been sent. What goes wrong is told as output. */
  afterwards(action: () => Promise<void> | void): void;
}

/** Answers one request with the body of its response. Throws RequestError for what it cannot do. */
export type Handler = (args: unknown, call: Call) => Promise<object | undefined> | object | undefined;

/** The requests of one feature by their DAP command. */
export type Handlers = { readonly [command: string]: Handler };

/** The requests this adapter adds to the protocol, each answered with its own body. */
export type AcrnHandlers = {
  readonly [K in keyof AcrnRequests]: (
    args: unknown,
    call: Call,
  ) => AcrnRequests[K]["body"] | Promise<AcrnRequests[K]["body"]>;
};

/** Features of the client that change what the adapter does; the protocol's defaults where it does not say. */
export interface Client {
  readonly name: string;
  readonly linesStartAt1: boolean;
  readonly columnsStartAt1: boolean;
  readonly pathsAreUris: boolean;
  readonly variableType: boolean;
  readonly progress: boolean;
  readonly runInTerminal: boolean;
  readonly invalidated: boolean;
  readonly memoryEvent: boolean;
  /** Shows the guest's console itself, by the events and requests of protocol.ts. */
  readonly acrnConsole: boolean;
}

export function clientOf(args: DebugProtocol.InitializeRequestArguments & { supportsAcrnConsole?: unknown }): Client {
  return {
    name: args.clientName ?? args.clientID ?? "a debugger",
    linesStartAt1: args.linesStartAt1 !== false,
    columnsStartAt1: args.columnsStartAt1 !== false,
    pathsAreUris: args.pathFormat === "uri",
    variableType: args.supportsVariableType === true,
    progress: args.supportsProgressReporting === true,
    runInTerminal: args.supportsRunInTerminalRequest === true,
    invalidated: args.supportsInvalidatedEvent === true,
    memoryEvent: args.supportsMemoryEvent === true,
    acrnConsole: args.supportsAcrnConsole === true,
  };
}
