import type { Chain } from "../chain/chain.ts";
import { hopRecords } from "../chain/hop-records.ts";
import type { KickTrace, TraceRequest } from "../protocol/machine.ts";

interface Armed {
  /** Number of the request. */
  readonly id: number;
  readonly request: TraceRequest;
  readonly done: (kicks: readonly KickTrace[]) => void;
  readonly kicks: KickTrace[];
}

/** Records the kicks asked for, from the guest's frames to the VM entry that ends the exit; all other hops only if told to. */
export class KickTracer {
  readonly #chain: Chain;
  #armed: Armed | undefined;
  #from = 0;
  #kick = 0;
  /** vCPU of the kick that is recorded to its end, and whether that is one the trace has asked for. */
  #vcpu = 0;
  #traced = false;
  /** While a kick is traced: whether hops are recorded after it. */
  #recordsAfter: boolean | undefined;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** One trace at a time; a new one replaces the last, which is answered with what it has. */
  arm(id: number, request: TraceRequest, done: (kicks: readonly KickTrace[]) => void): void {
    const previous = this.#armed;
    // A kick that is under way was traced for the last one.
    this.#kickIsOver();
    this.#armed = { id, request, done, kicks: [] };
    previous?.done(previous.kicks);
  }

  /** Answers that trace with what it has; one that is over, or has been replaced, has its answer. */
  cancel(id: number): void {
    const armed = this.#armed;
    if (armed?.id !== id) return;
    this.#kickIsOver();
    this.#armed = undefined;
    armed.done(armed.kicks);
  }

  /** Records every hop from now on, or stops that; a kick that is being traced is recorded to its end. */
  record(on: boolean): void {
    if (this.#recordsAfter === undefined) this.#chain.recording = on;
    else this.#recordsAfter = on;
  }

  /** The kick that vCPU begins now is recorded to its end, whoever asks for it. */
  recordKick(vcpu: number): void {
    if (this.#recordsAfter !== undefined) return;
    this.#vcpu = vcpu;
    this.#recordsAfter = this.#chain.recording;
    this.#chain.recording = true;
    this.#chain.timesEachHop = true;
  }

  /** A kick begins: before anything of it is recorded. `kick`: its number, 0 for one of the workbench's own ports. */
  begin(vcpu: number, slot: number, queue: number, kick: number): void {
    if (this.#armed === undefined || this.#traced) return;
    // While another vCPU's kick is recorded to its end, this one cannot be told apart.
    if (this.#recordsAfter !== undefined && this.#vcpu !== vcpu) return;
    const { request } = this.#armed;
    if (request.slot === undefined ? kick === 0 : request.slot !== slot) return;
    if ((request.queue ?? queue) !== queue) return;
    this.#kick = kick;
    this.#from = this.#chain.recorder.next;
    this.recordKick(vcpu);
    this.#traced = true;
  }

  /** The kick is complete: the guest is about to go on. */
  end(vcpu: number, slot: number, queue: number): void {
    if (this.#vcpu !== vcpu) return;
    const armed = this.#traced ? this.#armed : undefined;
    this.#kickIsOver();
    if (armed === undefined) return;
    armed.kicks.push({ kick: this.#kick, slot, queue, hops: hopRecords(this.#chain.recorder.since(this.#from)) });
    if (armed.kicks.length < armed.request.kicks) return;
    this.#armed = undefined;
    armed.done(armed.kicks);
  }

  #kickIsOver(): void {
    if (this.#recordsAfter === undefined) return;
    this.#chain.recording = this.#recordsAfter;
    this.#recordsAfter = undefined;
    this.#chain.timesEachHop = false;
    this.#traced = false;
  }
}
