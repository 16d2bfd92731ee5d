/** The receive FIFO (devicemodel/hw/uart_core.c: struct fifo). One byte deep until software turns the FIFO on. */
export class RxFifo {
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
