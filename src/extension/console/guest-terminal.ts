import * as vscode from "vscode";
import { STDIO_PORT } from "../../debug-adapter/protocol.ts";
import { messageOf } from "../../shared/message-of.ts";
import { log } from "../log.ts";
import type { MachineSession } from "../sessions.ts";
import { LineLog } from "./line-log.ts";
import { type FlowEnds, OutputFlow } from "./output-flow.ts";
import { Scrollback } from "./scrollback.ts";

/** Characters of one `acrn/consoleInput`. */
const INPUT_CHUNK = 4096;
/** Of those that are not answered yet: what is typed need not wait for the answer to the last key. */
const INPUT_AHEAD = 4 * INPUT_CHUNK;
/** Characters typed or pasted that may wait for the guest. */
const INPUT_LIMIT = 4 * 1024 * 1024;

/** Ends any sequence, leaves the alternate screen, and resets colours, cursor and mouse. */
const CALM = "\x18\x1b[?1047l\x1b[!p\x1b[?1000;1002;1003;1006;2004l\x1b[0m\x1b[?25h";
/** Lines that are not the guest's; what they quote may hold anything. */
const dim = (...lines: readonly string[]): string => {
  const text = lines
    .join("\n")
    .split(/\p{Cc}+/u)
    .join("\r\n");
  return `\r\n\x1b[2m${text}\x1b[0m\r\n`;
};

/** A guest's stdio console as a terminal of VS Code. It outlives its machine, and may be closed and opened again. */
export class GuestTerminal implements vscode.Pseudoterminal {
  readonly #write = new vscode.EventEmitter<string>();
  readonly #name = new vscode.EventEmitter<string>();
  readonly #scrollback = new Scrollback();
  readonly #title: string;
  #flow: OutputFlow | undefined;
  #session: MachineSession | undefined;
  #input = "";
  /** Characters that have been sent and are not answered. */
  #ahead = 0;
  /** The guest's side has not taken what was typed last. */
  #refused = false;
  #open = false;
  /** The machine has been up, or nearly. */
  #wasUp = false;
  /** A machine has had it. */
  #wasUsed = false;
  #number = 0;
  #rows = 25;

  readonly onDidWrite = this.#write.event;
  readonly onDidChangeName = this.#name.event;
  /** What the machine has written here. */
  lines = new LineLog();
  /** The terminal that shows it, while there is one. */
  terminal: vscode.Terminal | undefined;
  /** Enter has been pressed where no machine is left. */
  onBootAgain: (() => void) | undefined;
  /** A line has been typed to a machine for the first time. */
  onTyped: (() => void) | undefined;

  constructor(title: string) {
    this.#title = title;
  }

  get session(): MachineSession | undefined {
    return this.#session;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  // --- VS Code's side ---

  open(size?: vscode.TerminalDimensions): void {
    this.#open = true;
    if (size !== undefined) this.setDimensions(size);
    this.#flow?.open();
    const before = this.#scrollback.text();
    if (before !== "") this.#write.fire(before);
    this.rename();
  }

  setDimensions({ rows }: vscode.TerminalDimensions): void {
    this.#rows = rows;
  }

  close(): void {
    this.#open = false;
    this.terminal = undefined;
    this.#flow?.close();
  }

  handleInput(data: string): void {
    const typed = this.#flow?.typed(data) ?? data;
    if (this.#session === undefined) {
      if (typed === "\r") this.onBootAgain?.();
      return;
    }
    if (typed === "") return;
    if (typed.includes("\r")) {
      this.onTyped?.();
      this.onTyped = undefined;
    }
    if (this.#input.length + typed.length > INPUT_LIMIT) {
      this.#note(vscode.l10n.t("The guest has not read what was typed before; this is not sent."));
      return;
    }
    this.#input += typed;
    this.#send(this.#session);
  }

  // --- The machine's side ---

  /** A machine begins to write here. */
  attach(session: MachineSession): void {
    if (this.#wasUsed) {
      // What the last machine said stays, above an empty screen.
      const fresh = `${CALM}${"\r\n".repeat(this.#rows)}\x1b[H`;
      this.#scrollback.add(fresh);
      if (this.#open) this.#write.fire(fresh);
    }
    this.#wasUsed = true;
    this.#session = session;
    this.#input = "";
    this.#ahead = 0;
    this.lines = new LineLog();
    this.#wasUp = false;
    const ends: FlowEnds = {
      write: (text) => this.#write.fire(text),
      acknowledge: (bytes) => {
        session.request("acrn/consoleAck", { port: STDIO_PORT, bytes }).catch((error: unknown) => {
          // A session that is over needs no answer.
          if (session.state !== "ended") log().error(messageOf(error));
        });
      },
      now: () => performance.now(),
    };
    this.#flow = new OutputFlow(ends, this.#flow?.owed);
    if (this.#open) this.#flow.open();
    this.rename();
  }

  /** `offset`: bytes the machine's console has written before. */
  output(bytes: Uint8Array, offset: number): void {
    // A machine that boots again, or that one has attached to in the middle of its output.
    if (offset !== this.lines.end) this.lines = new LineLog(offset);
    this.lines.push(bytes);
    const text = this.#flow?.push(bytes);
    if (text !== undefined) this.#scrollback.add(text);
  }

  /** The machine is gone; the lines say how. */
  ended(...lines: readonly string[]): void {
    this.#session = undefined;
    this.#input = "";
    const text = CALM + dim(...lines);
    this.#scrollback.add(text);
    if (this.#open) this.#write.fire(text);
    this.rename();
  }

  /** The machine's state may have changed. `number`: which of several terminals this is, 0 if it is the only one. */
  look(number: number): void {
    const state = this.#session?.state;
    // What stands here was another machine's, its prompt too.
    if (state === "starting" && this.#wasUp) {
      this.#flow?.restart();
      this.#scrollback.add(CALM);
      if (this.#open) this.#write.fire(CALM);
      this.#note(vscode.l10n.t("The machine boots again."));
    }
    this.#wasUp = state === "running" || state === "stopped";
    this.#number = number;
    this.rename();
  }

  /** The title says whether the machine stands still, because then nothing that is typed is answered. */
  rename(): void {
    if (!this.#open) return;
    const session = this.#session;
    // The list of several terminals is narrow: what tells them apart comes first.
    const title = this.#number === 0 ? this.#title : `${this.#number}: ${session?.debugSession.name ?? this.#title}`;
    if (session === undefined && this.#wasUsed) this.#name.fire(vscode.l10n.t("{0} (off)", title));
    else this.#name.fire(session?.state === "stopped" ? vscode.l10n.t("{0} (stopped)", title) : title);
  }

  #note(message: string): void {
    if (this.#open) this.#write.fire(dim(message));
  }

  /** Pieces are taken in their order, and answered when the guest's side has taken them. */
  #send(session: MachineSession): void {
    while (this.#input !== "" && this.#ahead < INPUT_AHEAD) {
      // Not in the middle of a character that is a surrogate pair.
      const end = /[\ud800-\udbff]/.test(this.#input[INPUT_CHUNK - 1] ?? "") ? INPUT_CHUNK - 1 : INPUT_CHUNK;
      const piece = this.#input.slice(0, end);
      this.#input = this.#input.slice(end);
      this.#ahead += piece.length;
      void this.#sendPiece(session, piece);
    }
  }

  async #sendPiece(session: MachineSession, piece: string): Promise<void> {
    const data = Buffer.from(piece, "utf8").toString("base64");
    const failure = await session.request("acrn/consoleInput", { port: STDIO_PORT, data }).then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    // Another machine has the terminal by now, or none.
    if (this.#session !== session) return;
    this.#ahead -= piece.length;
    if (failure === undefined) {
      this.#refused = false;
      this.#send(session);
      return;
    }
    this.#input = "";
    // Once for all that was sent together.
    if (session.state !== "ended" && !this.#refused) this.#note(vscode.l10n.t("Not sent: {0}", failure));
    this.#refused = true;
  }
}
