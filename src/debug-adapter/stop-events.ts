import type { DebugEvent } from "../model/protocol/debug.ts";
import type { SessionState } from "./session-state.ts";
import { threadId } from "./threads.ts";

const DESCRIPTIONS: { readonly [reason: string]: string } = {
  entry: "Paused before the guest's first instruction",
  kick: "Paused on a kick",
};
/** The protocol's words for reasons; a client shows words it does not know as they are. */
const REASONS: { readonly [reason: string]: string } = { kick: "breakpoint" };

/** Passes the machine's events on to the client, in the order in which the client must see them. */
export class StopEvents {
  readonly #session: SessionState;
  readonly #held: (() => void)[] = [];
  #holding = 0;
  /** Continues that the client has asked for itself and needs no event for. */
  #expected = 0;

  constructor(session: SessionState) {
    this.#session = session;
  }

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

  take(event: DebugEvent): void {
    if (event.type !== "output") this.#session.ahead.void();
    if (event.type === "continued" && this.#expected > 0) {
      this.#expected--;
      return;
    }
    // Until the client has configured the session it is told nothing: the first stop is told by configurationDone.
    if (this.#session.phase !== "live" && event.type !== "output") return;
    if (this.#holding > 0) this.#held.push(() => this.#send(event));
    else this.#send(event);
  }

  /** Tells the client where the machine stands. */
  tell(stop: Extract<DebugEvent, { type: "stopped" }>): void {
    const ids = stop.hitBreakpoints;
    const functions = ids.length > 0 && ids.every((id) => this.#session.breakpoints.isFunction(id));
    const reason = stop.reason === "breakpoint" && functions ? "function breakpoint" : stop.reason;
    this.#session.wire.event("stopped", {
      reason: REASONS[reason] ?? reason,
      description: DESCRIPTIONS[stop.reason] ?? `Paused on ${stop.reason}`,
      threadId: threadId(stop.context),
      allThreadsStopped: true,
      ...(stop.text === "" ? {} : { text: stop.text }),
      ...(ids.length > 0 ? { hitBreakpointIds: ids } : {}),
    });
    // Nothing makes progress now, and what the user looks at should not be covered by the news of it.
    this.#session.progress.end();
  }

  #send(event: DebugEvent): void {
    const { wire } = this.#session;
    switch (event.type) {
      case "stopped":
        // It may have gone on while the event was held back.
        if (this.#session.machine?.stop === event) this.tell(event);
        break;
      case "continued":
        wire.event("continued", { threadId: 1, allThreadsContinued: true });
        break;
      case "output":
        wire.event("output", {
          category: "console",
          output: `${event.text}\n`,
          ...this.#session.sources?.placeOf(event.station),
        });
        break;
    }
  }
}
