/** Takes the guest's output; while the promise is pending the guest waits. */
export interface ConsoleSink {
  write(bytes: Uint8Array): Promise<void> | void;
}

/** Where the guest's stdio console goes. While it goes nowhere, the guest's output waits, and then the guest. */
export class ConsoleHub {
  #sink: ConsoleSink | undefined;
  #connected: (() => void) | undefined;

  readonly take = async (bytes: Uint8Array): Promise<void> => {
    while (this.#sink === undefined) {
      await new Promise<void>((resolve) => {
        this.#connected = resolve;
      });
    }
    await this.#sink.write(bytes);
  };

  connect(sink: ConsoleSink | undefined): void {
    this.#sink = sink;
    if (sink !== undefined) this.#connected?.();
  }
}

/** Output that nobody wants. */
export const nowhere: ConsoleSink = { write: () => {} };
