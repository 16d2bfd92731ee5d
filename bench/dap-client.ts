import { type ChildProcess, spawn } from "node:child_process";
import { within } from "./within.ts";

/** The longest wait is that for a guest's boot. */
const PATIENCE_MS = 60_000;
const END_PATIENCE_MS = 10_000;

// biome-ignore lint/suspicious/noExplicitAny: bodies of messages of two adapters
type Body = any;

interface Incoming {
  readonly type: "response" | "event" | "request";
  readonly event?: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly body: Body;
}

/** The least a DAP client needs. It is the same for both sides of a comparison. */
export class BenchClient {
  readonly #process: ChildProcess;
  readonly #answers = new Map<number, { resolve: (body: Body) => void; reject: (error: Error) => void }>();
  readonly #events = new Map<string, { waiting: ((body: Body) => void)[]; kept: Body[] }>();
  readonly #gone: Promise<never>;
  #received = Buffer.alloc(0);
  #seq = 1;

  /** Starts a program of Node that speaks DAP on stdin and stdout. */
  constructor(args: readonly string[]) {
    this.#process = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.stdout?.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#gone = new Promise((_, reject) => {
      this.#process.on("exit", (code, signal) => reject(new Error(`the adapter has ended with ${code ?? signal}`)));
    });
    // Nobody may be waiting.
    this.#gone.catch(() => {});
  }

  request(command: string, args: object = {}): Promise<Body> {
    const seq = this.#seq++;
    const json = JSON.stringify({ seq, type: "request", command, arguments: args });
    this.#process.stdin?.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
    const answer = new Promise<Body>((resolve, reject) => this.#answers.set(seq, { resolve, reject }));
    return this.#soon(`the answer to ${command}`, answer);
  }

  event(name: string): Promise<Body> {
    const { kept, waiting } = this.#eventsOf(name);
    if (kept.length > 0) return Promise.resolve(kept.shift());
    return this.#soon(`the event ${name}`, new Promise<Body>((resolve) => waiting.push(resolve)));
  }

  #soon(what: string, promise: Promise<Body>): Promise<Body> {
    return within(PATIENCE_MS, what, Promise.race([promise, this.#gone]));
  }

  /** Ends the adapter. */
  async end(): Promise<void> {
    await this.request("disconnect").catch(() => {});
    this.#process.stdin?.end();
    await within(END_PATIENCE_MS, "the adapter's end", this.#gone).catch(() => this.#process.kill("SIGKILL"));
  }

  #eventsOf(name: string): { waiting: ((body: Body) => void)[]; kept: Body[] } {
    let events = this.#events.get(name);
    if (events === undefined) {
      events = { waiting: [], kept: [] };
      this.#events.set(name, events);
    }
    return events;
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/.exec(this.#received.toString("latin1", 0, Math.max(end, 0)))?.[1]);
      if (end < 0 || this.#received.length < end + 4 + length) return;
      const text = this.#received.toString("utf8", end + 4, end + 4 + length);
      this.#received = this.#received.subarray(end + 4 + length);
      this.#message(JSON.parse(text));
    }
  }

  #message({ type, event = "", request_seq: seq = 0, success, message, body }: Incoming): void {
    if (type === "response") {
      const answer = this.#answers.get(seq);
      this.#answers.delete(seq);
      if (success) answer?.resolve(body);
      else answer?.reject(new Error(message));
    } else if (type === "event") {
      const { waiting, kept } = this.#eventsOf(event);
      const next = waiting.shift();
      if (next === undefined) kept.push(body);
      else next(body);
    }
  }
}
