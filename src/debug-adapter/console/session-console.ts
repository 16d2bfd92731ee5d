import { type ConsoleSink, nowhere } from "../../owner/console-hub.ts";
import type { Debuggee } from "../../owner/debuggee.ts";
import { messageOf } from "../../shared/message-of.ts";
import { RequestError } from "../request-error.ts";
import type { Output, Surroundings, Wire } from "../surroundings.ts";
import { EventSink } from "./event-sink.ts";
import { OutputSink } from "./output-sink.ts";
import { SocketSink } from "./socket-sink.ts";

/** How a client shows the guest's console: by itself, in a terminal it opens, as output of the debuggee, or not at all. */
export type ConsoleWay = "events" | "terminal" | "output" | "nowhere";

/** What a session's console needs of the session. */
export interface ConsoleNeeds extends Pick<Surroundings, "program" | "drained"> {
  readonly wire: Pick<Wire, "event" | "request">;
  readonly output: Output;
  /** The machine whose console it is; undefined while there is none, and when the session is over. */
  readonly machine: () => Debuggee | undefined;
}

/** Connects a session's client with the guest's stdio console. */
export class SessionConsole {
  readonly #needs: ConsoleNeeds;
  #events: EventSink | undefined;
  #socket: Promise<SocketSink> | undefined;
  /** The same, once its terminal has connected. */
  #opened: Promise<SocketSink> | undefined;

  constructor(needs: ConsoleNeeds) {
    this.#needs = needs;
  }

  /** Resolves when output has somewhere to go. */
  async connect(way: ConsoleWay): Promise<void> {
    const machine = this.#needs.machine();
    if (machine === undefined) return;
    const sink = await this.#sink(way);
    // The client may have gone meanwhile, or asked for another machine.
    if (this.#needs.machine() !== machine) return;
    if (sink === this.#events) this.#events.begin(machine.console.offset);
    machine.console.connect(sink);
  }

  async #sink(way: ConsoleWay): Promise<ConsoleSink> {
    switch (way) {
      case "nowhere":
        return nowhere;
      case "events":
        this.#events ??= new EventSink((body) => this.#needs.wire.event("acrn/console", body));
        return this.#events;
      case "output":
        return this.#asOutput();
      case "terminal":
        try {
          return await this.#inTerminal();
        } catch (error) {
          if (this.#needs.machine() === undefined) return nowhere;
          this.#needs.output("important", `No terminal for the guest's console: ${messageOf(error)}\n`);
          return this.#asOutput();
        }
    }
  }

  #asOutput(): OutputSink {
    const { output, drained } = this.#needs;
    return new OutputSink((text) => output("stdout", text), drained);
  }

  /** A restarted machine goes on in the terminal that is there, or is being opened. */
  #inTerminal(): Promise<SocketSink> {
    this.#opened ??= this.#openTerminal();
    return this.#opened;
  }

  async #openTerminal(): Promise<SocketSink> {
    const { wire, program } = this.#needs;
    const making = SocketSink.listen((bytes) => this.input(bytes));
    this.#socket = making;
    const socket = await making;
    if (this.#socket !== making) throw new RequestError("the session has ended");
    try {
      await wire.request("runInTerminal", {
        kind: "integrated",
        title: "ACRN guest console",
        cwd: process.cwd(),
        args: [...program, "console", "--socket", socket.path],
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
    this.#needs.machine()?.console.connect(this.#asOutput());
    this.#needs.output("important", "The console's terminal was closed; the guest's output goes on here.\n");
  }

  /** Types in the guest. Resolves when the guest's side holds all of it. */
  async input(bytes: Uint8Array): Promise<void> {
    const machine = this.#needs.machine();
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

  /** Lets go of the client. An attached machine's console waits for the next one. */
  async close(): Promise<void> {
    this.#events?.close();
    this.#events = undefined;
    const socket = this.#socket;
    this.#forgetTerminal();
    // A socket that is being made is let go of, too.
    await (await socket?.catch(() => undefined))?.close();
  }
}
