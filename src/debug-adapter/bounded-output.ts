import type { Writable } from "node:stream";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { frame } from "./framing.ts";

/** Bytes that may wait for a client that does not read; a machine writes messages faster than anybody. */
const MOST = 4 * 1024 * 1024;

/** Sends messages to a client. While too much waits for it, notes of the program and of log points are left out, and counted. */
export class BoundedOutput {
  readonly #output: Writable;
  #leftOut = 0;

  /** `tell`: how many were left out, once the client reads again. */
  constructor(output: Writable, tell: (leftOut: number) => void) {
    this.#output = output;
    output.on("drain", () => {
      const leftOut = this.#leftOut;
      this.#leftOut = 0;
      if (leftOut > 0) tell(leftOut);
    });
  }

  send(message: object): void {
    if (!this.#output.writable) return;
    if (isNote(message) && this.#output.writableLength > MOST) this.#leftOut++;
    else this.#output.write(frame(message));
  }
}

/** The guest's console, category stdout, is not one: it waits for the client. */
function isNote(message: object): boolean {
  const { event, body } = message as Partial<DebugProtocol.OutputEvent>;
  return event === "output" && body?.category !== "stdout";
}
