import { Event, Response } from "@vscode/debugadapter";
import { ProtocolServer } from "@vscode/debugadapter/lib/protocol.js";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { clipped } from "../shared/clipped.ts";
import { messageOf } from "../shared/message-of.ts";
import { isRecord } from "./check.ts";
import { features } from "./features.ts";
import { checkPhase } from "./phase.ts";
import { Cancelled, RequestError } from "./request-error.ts";
import type { Call, Handlers } from "./requests.ts";
import { SessionState } from "./session-state.ts";
import type { Surroundings } from "./surroundings.ts";

const handlers: Handlers = Object.assign(Object.create(null), features);

/** Whose refusal ends the session: a client that may not show it would end it without a word. */
const TOLD_TO_USERS: ReadonlySet<string> = new Set(["launch", "attach"]);

/** How long the client may take to answer a request of ours. */
const REVERSE_MS = 30_000;

/** One client's debug session: takes requests, finds who answers them, and sends what they answer. */
export class AcrnSession extends ProtocolServer {
  readonly state: SessionState;
  /** Requests that are being answered, by their number. */
  readonly #running = new Map<number, AbortController>();
  #gone = false;

  constructor(surroundings: Surroundings) {
    super();
    this.state = new SessionState(surroundings, {
      event: (event, body) => {
        if (!this.#gone) this.sendEvent(new Event(event, body));
      },
      request: (command, args) => this.#ask(command, args),
      cancelRequest: (id) => this.#running.get(id)?.abort(),
      cancelOthers: (own) => {
        for (const running of this.#running.values()) if (running.signal !== own) running.abort();
      },
    });
  }

  /** The client has gone without a word: what this session began ends with it. */
  async clientGone(): Promise<void> {
    this.#gone = true;
    for (const running of this.#running.values()) running.abort();
    await this.state.close();
  }

  /** What a client sent that is no message. */
  malformed(reason: string): void {
    this.state.output("stderr", `Malformed message from the client: ${clipped(reason)}\n`);
  }

  override handleMessage(message: DebugProtocol.ProtocolMessage): void {
    const { type, seq, command } = message as DebugProtocol.Request;
    if (type === "request" && (!Number.isSafeInteger(seq) || typeof command !== "string")) {
      this.malformed('a request needs a number "seq" and a text "command"');
    } else if ((type as string) !== "request" && (type as string) !== "response") {
      this.malformed(`type ${JSON.stringify(type)}; expected "request" or "response"`);
    } else {
      super.handleMessage(message);
    }
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    void this.#answer(request);
  }

  async #answer(request: DebugProtocol.Request): Promise<void> {
    const running = new AbortController();
    const after: (() => Promise<void> | void)[] = [];
    this.#running.set(request.seq, running);
    const call: Call = {
      session: this.state,
      signal: running.signal,
      afterwards: (action) => after.push(action),
    };
    const response = new Response(request) as DebugProtocol.Response;
    try {
      const handler = handlers[request.command];
      if (handler === undefined) throw new RequestError(`the request "${request.command}" is not supported`);
      checkPhase(this.state.phase, request.command);
      const body = await Promise.race([handler(request.arguments ?? {}, call), cancelled(running.signal)]);
      if (body !== undefined) response.body = body;
    } catch (error) {
      fail(response, error, TOLD_TO_USERS.has(request.command));
    }
    this.#running.delete(request.seq);
    if (this.#gone) return;
    this.sendResponse(response);
    for (const action of after) void this.#afterwards(action);
  }

  async #afterwards(action: () => Promise<void> | void): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.state.output("stderr", `${messageOf(error)}\n`);
    }
  }

  #ask(command: string, args: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.sendRequest(command, args, REVERSE_MS, (response) => {
        if (response.success) resolve(response.body);
        else reject(new RequestError(`the client refuses ${command}: ${response.message ?? "no reason given"}`));
      });
    });
  }
}

function cancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Cancelled()), { once: true });
  });
}

function fail(response: DebugProtocol.Response, error: unknown, tellUser: boolean): void {
  response.success = false;
  const message = clipped(messageOf(error));
  response.message = message;
  // Braces are placeholders in a format; a message that holds some is passed as a variable.
  const format =
    isRecord(error) && /[{}]/.test(message)
      ? { format: "{_text}", variables: { _text: message } }
      : { format: message };
  const showUser = !(error instanceof Cancelled) && (tellUser || (error instanceof RequestError && error.showUser));
  response.body = { error: { id: 1, ...format, showUser } };
}
