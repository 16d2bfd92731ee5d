/** Sends what the machine tells in the order in which the client must see it. */
export class EventOrder {
  readonly #held: (() => void)[] = [];
  #holding = 0;
  /** Continues that the client has asked for itself and needs no event for. */
  #expected = 0;

  /** Holds events back until the response to the request that causes them has been sent. */
  hold(): void {
    this.#holding++;
  }

  release(): void {
    if (--this.#holding > 0) return;
    for (const send of this.#held.splice(0)) send();
  }

  /** The next `continued` answers a request: the client knows. */
  expectContinued(): void {
    this.#expected++;
  }

  /** The request failed after all. */
  unexpectContinued(): void {
    this.#expected--;
  }

  /** Whether a `continued` that comes now is one that was expected; it is no more. */
  takeExpected(): boolean {
    if (this.#expected === 0) return false;
    this.#expected--;
    return true;
  }

  /** Now, or when nothing is held any more. */
  send(send: () => void): void {
    if (this.#holding > 0) this.#held.push(send);
    else send();
  }
}
