import type { Progress } from "../model/protocol/machine.ts";
import type { SessionState } from "./session-state.ts";

const MESSAGES: { readonly [step in Progress]: string } = {
  loading: "reading kernel and initrd",
  booting: "the kernel boots",
  running: "user space starts",
  ready: "ready",
};

/** Tells the client how far the guest's boot is. Cancelling it ends the machine. */
export class BootProgress {
  readonly #session: SessionState;
  #number = 0;
  #id: string | undefined;

  constructor(session: SessionState) {
    this.#session = session;
  }

  begin(requestId?: number): void {
    if (!this.#session.client.progress) return;
    this.#id = `boot-${++this.#number}`;
    this.#session.wire.event("progressStart", {
      progressId: this.#id,
      title: "Booting the ACRN guest",
      message: MESSAGES.loading,
      cancellable: true,
      ...(requestId === undefined ? {} : { requestId }),
    });
  }

  reached(step: Progress): void {
    if (this.#id === undefined) return;
    // Of a guest that will not say when it is ready nothing more is heard.
    const last = this.#session.launch?.spec.tellsReady === false ? "running" : "ready";
    if (step === last) this.end();
    // The start has said "loading" already.
    else if (step !== "loading")
      this.#session.wire.event("progressUpdate", { progressId: this.#id, message: MESSAGES[step] });
  }

  end(): void {
    if (this.#id === undefined) return;
    this.#session.wire.event("progressEnd", { progressId: this.#id });
    this.#id = undefined;
  }

  /** Whether that is the progress under way. */
  is(progressId: string): boolean {
    return this.#id === progressId;
  }
}
