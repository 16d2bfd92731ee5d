import { type ConsoleSink, nowhere } from "../../owner/console-hub.ts";
import { messageOf, RequestError } from "../request-error.ts";
import type { SessionState } from "../session-state.ts";
import { EventSink } from "./event-sink.ts";
import { OutputSink } from "./output-sink.ts";
import { SocketSink } from "./socket-sink.ts";

/** Connects a session's client with the guest's stdio console, in the best way the client has. */
export class SessionConsole {
  readonly #session: SessionState;
  #events: EventSink | undefined;
  #socket: SocketSink | undefined;
  /** The same, once its terminal has connected. */
  #opened: Promise<SocketSink> | undefined;

  constructor(session: SessionState) {
    this.#session = session;
  }

  /** Resolves when output has somewhere to go. */
  async connect(): Promise<void> {
    const { machine, options } = this.#session;
    if (machine === undefined) return;
    const sink = (options?.console ?? "terminal") === "terminal" ? await this.#terminal() : nowhere;
    // The client may have gone meanwhile, or asked for another machine.
    if (this.#session.closed || this.#session.machine !== machine) return;
    if (sink === this.#events) this.#events.begin(machine.console.offset);
    machine.console.connect(sink);
  }

  async #terminal(): Promise<ConsoleSink> {
    const { client, wire } = this.#session;
    if (client.acrnConsole || this.#session.options?.consoleEvents) {
      this.#events ??= new EventSink((body) => wire.event("acrn/console", body));
      return this.#events;
    }
    if (client.runInTerminal) {
      try {
        return await this.#inTerminal();
      } catch (error) {
        if (this.#session.phase === "ended") return nowhere;
        this.#session.output("important", `No terminal for the guest's console: ${messageOf(error)}\n`);
      }
    }
    return this.#asOutput();
  }

  #asOutput(): OutputSink {
    const { surroundings } = this.#session;
    return new OutputSink((text) => this.#session.output("stdout", text), surroundings.drained);
  }

  /** A restarted machine goes on in the terminal that is there, or is being opened. */
  #inTerminal(): Promise<SocketSink> {
    this.#opened ??= this.#openTerminal();
    return this.#opened;
  }

  async #openTerminal(): Promise<SocketSink> {
    const session = this.#session;
    const socket = await SocketSink.listen((bytes) => this.input(bytes));
    this.#socket = socket;
    try {
      await session.wire.request("runInTerminal", {
        kind: "integrated",
        title: "ACRN guest console",
        cwd: process.cwd(),
        args: [...session.surroundings.program, "console", "--socket", socket.path],
      });
      await socket.connected();
    } catch (error) {
      this.#forgetTerminal();
      await socket.close();
      throw error;
    }
    socket.onGone = () => this.#terminalGone(socket);
    return socket;
  }

  #forgetTerminal(): void {
    this.#socket = undefined;
    this.#opened = undefined;
  }

  #terminalGone(socket: SocketSink): void {
    this.#forgetTerminal();
    void socket.close();
    this.#session.machine?.console.connect(this.#asOutput());
    this.#session.output("important", "The console's terminal was closed; the guest's output goes on here.\n");
  }

  /** Types in the guest. Resolves when the guest's side holds all of it. */
  async input(bytes: Uint8Array): Promise<void> {
    const { machine, ownsConsole } = this.#session;
    if (!ownsConsole) {
      throw new RequestError("acrn/consoleInput: this machine has its console in the terminal in which it was started");
    }
    if (machine === undefined) throw new RequestError("acrn/consoleInput: the machine is still being made; type again");
    await machine.thread.console.send(bytes);
  }

  acknowledge(bytes: number): void {
    if (this.#events === undefined) {
      throw new RequestError(
        "acrn/consoleAck: neither supportsAcrnConsole nor consoleEvents has been said, or the console is not a terminal",
      );
    }
    this.#events.acknowledge(bytes);
  }

  ptyOpened(path: string): void {
    this.#session.wire.event("acrn/pty", { path });
    // Of other ports one hears when one asks for them.
    if (this.#session.options?.console === "pty") {
      this.#session.output("important", `The guest's console is ${path}.\n`);
    } else {
      this.#session.output("console", `A port of the guest is at ${path}.\n`);
    }
  }

  /** Lets go of the client. An attached machine's console waits for the next one. */
  async close(): Promise<void> {
    this.#events?.close();
    this.#events = undefined;
    const socket = this.#socket;
    this.#forgetTerminal();
    await socket?.close();
  }
}
