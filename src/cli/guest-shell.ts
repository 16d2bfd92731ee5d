import { StringDecoder } from "node:string_decoder";
import type { MachineThread } from "../owner/machine-thread.ts";
import { PlainText } from "./plain-text.ts";

/** The shell's PS1: the working directory, which has no spaces here, and this. */
const PROMPT_END = " # ";
const MAX_PROMPT = 256;
const MAX_KEPT = 4 * 1024 * 1024;

/** Whether output ends with a prompt. Asked after each output, however long its lines: only the end is looked at. */
export function atPrompt(text: string): boolean {
  const end = text.slice(-MAX_PROMPT);
  return end.endsWith(PROMPT_END) && !/\s/.test(end.slice(end.lastIndexOf("\n") + 1, -PROMPT_END.length));
}

/** Looks for the shell's first prompt in the guest's output, whatever comes behind it. */
export class PromptWatch {
  readonly #plain = new PlainText();
  #tail = "";

  /** Whether a prompt has been in this output or in the line it goes on with. */
  take(bytes: Uint8Array): boolean {
    const text = this.#plain.take(Buffer.from(bytes).toString("latin1"));
    const lines = (this.#tail + text.replaceAll("\r", "")).split("\n");
    const last = lines.at(-1) ?? "";
    // A longer line begins with no prompt.
    this.#tail = last.length > MAX_PROMPT ? " " : last;
    return lines.some((line) => /^\S{0,256} # /.test(line));
  }
}

/** Uses the guest's shell on the console as a person would: waits for the prompt, types, reads what comes back. */
export class GuestShell {
  #text = "";
  /** Whoever waits for output. */
  #waiting: (() => void)[] = [];
  #watching = false;
  /** How the machine ended. */
  #ended: string | undefined;
  readonly #decoder = new StringDecoder("utf8");
  readonly #plain = new PlainText();
  readonly #echo: (text: string) => void;
  readonly #machine: () => MachineThread;

  /** `echo` gets the text that the guest writes. */
  constructor(machine: () => MachineThread, echo: (text: string) => void = () => {}) {
    this.#machine = machine;
    this.#echo = echo;
  }

  /** Takes console output: the `onConsole` of the machine. */
  readonly take = (bytes: Uint8Array): void => {
    const text = this.#plain.take(this.#decoder.write(Buffer.from(bytes)));
    this.#echo(text);
    this.#text = (this.#text + text.replaceAll("\r", "")).slice(-MAX_KEPT);
    this.#wake();
  };

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when the shell waits for a command. Rejects when the machine ends first. */
  prompt(): Promise<void> {
    return this.until(() => atPrompt(this.#text), "the shell's prompt");
  }

  /** Runs a command and returns what it printed. */
  async run(command: string): Promise<string> {
    this.#text = "";
    await this.type(`${command}\n`);
    await this.until(() => atPrompt(this.#text), `the end of "${command}"`);
    const lines = this.#text.split("\n");
    return lines.slice(1, -1).join("\n");
  }

  type(text: string): Promise<unknown> {
    return this.#machine().console.send(new TextEncoder().encode(text));
  }

  #watchEnd(): void {
    if (this.#watching) return;
    this.#watching = true;
    void this.#machine().ended.then((end) => {
      this.#ended = "message" in end ? `${end.kind}: ${end.message}` : end.kind;
      this.#wake();
    });
  }

  /** What has come since the last command was typed. */
  get output(): string {
    return this.#text;
  }

  /** Resolves when `condition` holds; looked at after each output. */
  async until(condition: () => boolean, what: string): Promise<void> {
    this.#watchEnd();
    while (!condition()) {
      if (this.#ended !== undefined) throw new Error(`the machine ended (${this.#ended}) while waiting for ${what}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
