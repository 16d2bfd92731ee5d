/** The receive FIFO (devicemodel/hw/uart_core.c: struct fifo). One byte deep until software turns the FIFO on. */
export class RxFifo {
  static readonly state = declareState<RxFifo>("device-model.RxFifo", {
    depth: wiring,
    "#buf": hidden(part, (fifo: RxFifo) => fifo.#buf),
    "#size": hidden(
      plain,
      (fifo: RxFifo) => fifo.#size,
      (fifo, size) => (fifo.#size = size),
    ),
    "#rindex": hidden(
      plain,
      (fifo: RxFifo) => fifo.#rindex,
      (fifo, rindex) => (fifo.#rindex = rindex),
    ),
    "#num": hidden(
      plain,
      (fifo: RxFifo) => fifo.#num,
      (fifo, num) => (fifo.#num = num),
    ),
  });
  /** Bytes it holds when it is on. */
  readonly depth: number;
  readonly #buf: Uint8Array;
  #size = 1;
  #rindex = 0;
  #num = 0;

  constructor(depth: number) {
    this.depth = depth;
    this.#buf = new Uint8Array(depth);
  }

  get num(): number {
    return this.#num;
  }

  get full(): boolean {
    return this.#num >= this.#size;
  }

  /** Empties it; `size` is how many bytes it holds from now on. */
  reset(size: number): void {
    this.#size = Math.min(size, this.depth);
    this.#rindex = 0;
    this.#num = 0;
  }

  /** False when it is full. */
  put(byte: number): boolean {
    if (this.full) return false;
    this.#buf[(this.#rindex + this.#num) % this.#size] = byte;
    this.#num++;
    return true;
  }

  /** The oldest byte, -1 when there is none. */
  get(): number {
    if (this.#num === 0) return -1;
    const byte = this.#buf[this.#rindex];
    this.#rindex = (this.#rindex + 1) % this.#size;
    this.#num--;
    return byte;
  }
}

import { declareState, hidden, part, plain, wiring } from "../../../inspect/state.ts";
