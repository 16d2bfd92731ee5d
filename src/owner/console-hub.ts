/** Takes the guest's output. */
export interface ConsoleSink {
  /**
   * While the promise is pending the guest waits. `offset`: bytes the guest has written before these. A sink that is closed
   * resolves to what it has not taken.
   */
  write(bytes: Uint8Array, offset: number): Promise<Uint8Array | undefined> | undefined;
}

/** Where the guest's stdio console goes. While it goes nowhere, the guest's output waits, and then the guest. */
export class ConsoleHub {
  #sink: ConsoleSink | undefined;
  #connected: (() => void) | undefined;
  /** Bytes of output that sinks have taken. */
  #offset = 0;

  /** Bytes the guest had written before what comes next. */
  get offset(): number {
    return this.#offset;
  }

  readonly take = async (bytes: Uint8Array): Promise<void> => {
    for (let rest = bytes; rest.length > 0; ) {
      while (this.#sink === undefined) {
        await new Promise<void>((resolve) => {
          this.#connected = resolve;
        });
      }
      const sink = this.#sink;
      const left = (await sink.write(rest, this.#offset)) ?? NOTHING;
      this.#offset += rest.length - left.length;
      rest = left;
      // It is closed, and the next one gets the rest.
      if (rest.length > 0 && this.#sink === sink) this.#sink = undefined;
    }
  };

  connect(sink: ConsoleSink | undefined): void {
    this.#sink = sink;
    if (sink !== undefined) this.#connected?.();
  }
}

const NOTHING = new Uint8Array(0);

/** Output that nobody wants. */
export const nowhere: ConsoleSink = { write: () => undefined };
