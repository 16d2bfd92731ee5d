/** Milliseconds between two reports. */
const INTERVAL = 100;

/**
 * epoll reports an end of file or an error again and again until somebody closes the file, and acrn-dm does not always
 * do so: its mevent thread then spins. Contexts here run until they are idle, so a spinning one would keep the guest
 * from running for ever. What ends a file's input is therefore reported once in an interval.
 */
export class EndOfFile {
  /** The end has been read at least once. */
  seen = false;
  /** A read that meets the end again is due. */
  due = true;
  readonly #report: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(report: () => void) {
    this.#report = report;
  }

  /** A read met the end: hands its result through, and has it reported again later. */
  reached(result: number): number {
    this.seen = true;
    this.due = false;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.due = true;
      this.#report();
    }, INTERVAL).unref();
    return result;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
