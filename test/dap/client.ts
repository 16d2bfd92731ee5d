import { type ChildProcess, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { after } from "node:test";
import type { DebugProtocol } from "@vscode/debugprotocol";

export const ROOT = process.env.ACRN_VIRTIO_ROOT ?? join(dirname(process.argv[1]), "../..");
const PROGRAM = join(ROOT, "bin", "acrn-virtio.mjs");
/** A guest boots in ten seconds, in a minute on a busy computer; whoever waits longer than this waits in vain. */
const PATIENCE_MS = 300_000;

// biome-ignore lint/suspicious/noExplicitAny: bodies of messages, looked at by tests
export type Body = any;
export type Message = DebugProtocol.Request | DebugProtocol.Response | DebugProtocol.Event;

/** Escape sequences a shell sends to a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]/g;

/** What a request was answered with, when not with success. */
export class Refused extends Error {}

const adapters = new Set<ChildProcess>();
// A test that fails leaves its adapter, which would keep the test's process.
after(() => {
  for (const adapter of adapters) adapter.kill("SIGKILL");
});

/** A DAP client without a face: sends requests, keeps what comes. */
export class DapClient {
  readonly #output: Writable;
  readonly #close: () => void;
  readonly #waiting = new Map<number, (response: DebugProtocol.Response) => void>();
  readonly #watchers = new Set<() => void>();
  #received = Buffer.alloc(0);
  #seq = 1;
  /** Events that no `event()` has taken yet. */
  readonly events: DebugProtocol.Event[] = [];
  /** Everything the guest has written, where the client shows the console. */
  consoleText = "";
  /** Acknowledges console output at once. */
  acknowledges = true;
  consoleBytes = 0;
  acknowledged = 0;
  /** Bytes the guest had written before the first of these, once the client has the console. */
  consoleOffset: number | undefined;
  gone = false;
  /** Sees each message in the order it is sent or received. */
  onMessage: (message: Message, own: boolean) => void = () => {};
  /** Answers requests of the adapter. */
  onRequest: (command: string, args: Body) => Body = () => {
    throw new Error("not supported here");
  };
  process: ChildProcess | undefined;

  constructor(input: Readable, output: Writable, close: () => void) {
    this.#output = output;
    this.#close = close;
    input.on("data", (chunk: Buffer) => this.#take(chunk));
    input.on("close", () => {
      this.gone = true;
      this.#look();
    });
    input.on("error", () => {});
    output.on("error", () => {});
  }

  /** `acrn-virtio dap` on stdin and stdout. */
  static start(): DapClient {
    const child = spawn(process.execPath, [PROGRAM, "dap"], { stdio: ["pipe", "pipe", "inherit"] });
    const client = new DapClient(child.stdout, child.stdin, () => child.stdin.end());
    client.process = child;
    adapters.add(child);
    return client;
  }

  static connect(port: number): Promise<DapClient> {
    return new Promise((resolve, reject) => {
      const socket: Socket = connect(port, "127.0.0.1");
      socket.setNoDelay(true);
      socket
        .once("error", reject)
        .once("connect", () => resolve(new DapClient(socket, socket, () => socket.destroy())));
    });
  }

  /** The body of the response. Throws Refused with the adapter's words. */
  async request(command: string, args?: object): Promise<Body> {
    const response = await this.send(command, args).response;
    if (!response.success) throw new Refused(response.message);
    return response.body;
  }

  /** Sends without waiting. */
  send(command: string, args?: object): { seq: number; response: Promise<DebugProtocol.Response> } {
    const request: DebugProtocol.Request = { seq: this.#seq++, type: "request", command, arguments: args };
    let answer: DebugProtocol.Response | undefined;
    this.#waiting.set(request.seq, (given) => {
      answer = given;
    });
    const response = this.until(() => answer !== undefined || this.gone, `the answer to ${command}`).then(() => {
      if (answer === undefined) throw new Error(`the adapter has gone without answering ${command}`);
      return answer;
    });
    response.catch(() => {});
    this.onMessage(request, true);
    this.#write(request);
    return { seq: request.seq, response };
  }

  /** Why a request is refused; an error when it is not. */
  async refusal(command: string, args?: object): Promise<string> {
    const response = await this.send(command, args).response;
    if (response.success) throw new Error(`${command} was not refused: ${JSON.stringify(response.body)}`);
    return response.message ?? "";
  }

  /** The next event of that name that has not been taken; earlier ones of other names stay. */
  async event(name: string, fits: (body: Body) => boolean = () => true): Promise<Body> {
    const find = (): number => this.events.findIndex(({ event, body }) => event === name && fits(body));
    await this.until(() => find() >= 0 || this.gone, `the event ${name}`);
    const at = find();
    if (at < 0) throw new Error(`the adapter has gone before the event ${name}`);
    return this.events.splice(at, 1)[0].body;
  }

  /** Waits for a state of this client, looked at after each message. */
  until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(patience);
        this.#watchers.delete(look);
        resolve();
      };
      const patience = setTimeout(() => {
        this.#watchers.delete(look);
        const tail = this.consoleText.slice(-300);
        reject(
          new Error(`waited ${PATIENCE_MS / 1000} s for ${what}; last events: ${this.#lastEvents()}; console: ${tail}`),
        );
      }, PATIENCE_MS);
      patience.unref();
      this.#watchers.add(look);
      look();
    });
  }

  /** Types in the guest. */
  type(text: string): Promise<Body> {
    return this.request("acrn/consoleInput", { port: "stdio", data: Buffer.from(text).toString("base64") });
  }

  /** Bytes as they are, for what is no message. */
  raw(text: string): void {
    this.#output.write(text);
  }

  /** Goes without a word. */
  vanish(): void {
    this.#close();
  }

  async ended(): Promise<void> {
    await this.until(() => this.gone, "the adapter's end");
  }

  #lastEvents(): string {
    return this.events
      .slice(-5)
      .map(({ event, body }) => `${event} ${JSON.stringify(body)?.slice(0, 100)}`)
      .join("; ");
  }

  #write(message: object): void {
    const json = JSON.stringify(message);
    this.#output.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#received.toString("latin1", 0, end))?.[1]);
      if (this.#received.length < end + 4 + length) return;
      const message = JSON.parse(this.#received.toString("utf8", end + 4, end + 4 + length)) as Message;
      this.#received = this.#received.subarray(end + 4 + length);
      this.#message(message);
    }
  }

  #message(message: Message): void {
    this.onMessage(message, false);
    if (message.type === "response") {
      const response = message as DebugProtocol.Response;
      this.#waiting.get(response.request_seq)?.(response);
      this.#waiting.delete(response.request_seq);
    } else if (message.type === "request") {
      this.#answer(message as DebugProtocol.Request);
    } else {
      this.#event(message as DebugProtocol.Event);
    }
    this.#look();
  }

  #event(event: DebugProtocol.Event): void {
    if (event.event !== "acrn/console") {
      this.events.push(event);
      return;
    }
    const bytes = Buffer.from(event.body.data, "base64");
    const { offset } = event.body;
    // A machine that is made anew begins anew.
    if (this.consoleOffset === undefined || bytes.length === 0) this.consoleOffset = offset - this.consoleBytes;
    if (this.consoleOffset + this.consoleBytes !== offset)
      throw new Error(`console output at ${offset} does not follow`);
    this.consoleText += bytes.toString("latin1").replace(ESCAPES, "");
    this.consoleBytes += bytes.length;
    if (this.acknowledges) this.acknowledge();
  }

  /** Tells that all console output so far has been shown. */
  acknowledge(): void {
    const bytes = this.consoleBytes - this.acknowledged;
    this.acknowledged = this.consoleBytes;
    void this.send("acrn/consoleAck", { port: "stdio", bytes });
  }

  #answer({ seq, command, arguments: args }: DebugProtocol.Request): void {
    const response = { seq: this.#seq++, type: "response", request_seq: seq, command };
    try {
      this.#write({ ...response, success: true, body: this.onRequest(command, args) });
    } catch (error) {
      this.#write({ ...response, success: false, message: (error as Error).message });
    }
  }

  #look(): void {
    for (const look of [...this.#watchers]) look();
  }
}

export const INITIALIZE = {
  adapterID: "acrn",
  clientID: "test",
  linesStartAt1: true,
  columnsStartAt1: true,
  pathFormat: "path",
  supportsVariableType: true,
  supportsInvalidatedEvent: true,
  supportsAcrnConsole: true,
};

/** Begins a session up to the point where the client says what it wants to stop at. */
export async function launch(client: DapClient, args: object, initialize: object = {}): Promise<void> {
  await client.request("initialize", { ...INITIALIZE, ...initialize });
  const launched = client.request("launch", args);
  await Promise.all([launched, client.event("initialized")]);
}
