import { StringDecoder } from "node:string_decoder";
import type { ConsoleSink } from "../../owner/console-hub.ts";

/** Output as `output` events, as fast as the connection to the client takes them. */
export class OutputSink implements ConsoleSink {
  readonly #decoder = new StringDecoder("utf8");
  readonly #output: (text: string) => void;
  readonly #drained: () => Promise<void>;

  constructor(output: (text: string) => void, drained: () => Promise<void>) {
    this.#output = output;
    this.#drained = drained;
  }

  async write(bytes: Uint8Array): Promise<undefined> {
    const text = this.#decoder.write(Buffer.from(bytes));
    if (text !== "") this.#output(text);
    await this.#drained();
  }
}
