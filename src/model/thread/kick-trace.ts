import type { Chain } from "../chain/chain.ts";
import { hopRecords } from "./hop-records.ts";
import type { KickTrace, TraceRequest } from "./protocol.ts";

interface Armed {
  /** Number of the request. */
  readonly id: number;
  readonly request: TraceRequest;
  readonly done: (kicks: readonly KickTrace[]) => void;
  readonly kicks: KickTrace[];
}

/** Records the kicks asked for, from the guest's frames to the VM entry that ends the exit, and nothing else. */
export class KickTracer {
  readonly #chain: Chain;
  #armed: Armed | undefined;
  #from = 0;
  #recordingForKick = false;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** One trace at a time; a new one replaces the last, which is answered with what it has. */
  arm(id: number, request: TraceRequest, done: (kicks: readonly KickTrace[]) => void): void {
    const previous = this.#armed;
    this.#armed = { id, request, done, kicks: [] };
    previous?.done(previous.kicks);
  }

  /** Answers that trace with what it has; one that is over, or has been replaced, has its answer. */
  cancel(id: number): void {
    const armed = this.#armed;
    if (armed?.id !== id) return;
    this.#stopRecording();
    this.#armed = undefined;
    armed.done(armed.kicks);
  }

  /** A kick begins: before anything of it is recorded. */
  begin(slot: number, queue: number): void {
    if (this.#armed === undefined || this.#chain.recording) return;
    const { request } = this.#armed;
    if ((request.slot ?? slot) !== slot || (request.queue ?? queue) !== queue) return;
    this.#from = this.#chain.recorder.next;
    this.#recordingForKick = true;
    this.#chain.recording = true;
    this.#chain.timesEachHop = true;
  }

  /** The kick is complete: the guest is about to go on. */
  end(slot: number, queue: number): void {
    if (!this.#recordingForKick || this.#armed === undefined) return;
    this.#stopRecording();
    const armed = this.#armed;
    armed.kicks.push({ slot, queue, hops: hopRecords(this.#chain.recorder.since(this.#from)) });
    if (armed.kicks.length < armed.request.kicks) return;
    this.#armed = undefined;
    armed.done(armed.kicks);
  }

  #stopRecording(): void {
    if (!this.#recordingForKick) return;
    this.#recordingForKick = false;
    this.#chain.recording = false;
    this.#chain.timesEachHop = false;
  }
}
