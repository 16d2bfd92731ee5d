import type { Progress } from "../model/protocol/machine.ts";
import type { Wire } from "./surroundings.ts";

const MESSAGES: { readonly [step in Progress]: string } = {
  loading: "reading kernel and initrd",
  booting: "the kernel boots",
  running: "user space starts",
  ready: "ready",
};

/** How far the guest's boot is, until it is over or nobody waits for it any more. Cancelling it ends the machine. */
export class BootProgress {
  readonly #event: Wire["event"];
  #number = 0;
  /** Undefined where the client shows no progress. */
  #id: string | undefined;
  /** The step that ends it; undefined while nothing boots. */
  #last: Progress | undefined;

  constructor(event: Wire["event"]) {
    this.#event = event;
  }

  get isUnderWay(): boolean {
    return this.#last !== undefined;
  }

  /** `last`: of a guest that will not say when it is ready nothing more is heard after "running". */
  begin(last: Progress, isShown: boolean): void {
    this.#last = last;
    if (!isShown) return;
    this.#id = `boot-${++this.#number}`;
    this.#event("progressStart", {
      progressId: this.#id,
      title: "Booting the ACRN guest",
      message: MESSAGES.loading,
      cancellable: true,
    });
  }

  reached(step: Progress): void {
    if (step === this.#last) this.end();
    // The start has said "loading" already.
    else if (step !== "loading" && this.#id !== undefined)
      this.#event("progressUpdate", { progressId: this.#id, message: MESSAGES[step] });
  }

  end(): void {
    this.#last = undefined;
    if (this.#id === undefined) return;
    this.#event("progressEnd", { progressId: this.#id });
    this.#id = undefined;
  }

  /** Whether that is the progress under way. */
  is(progressId: string): boolean {
    return this.#id === progressId;
  }
}
