import type { Chain } from "../chain/chain.ts";
import { hopRecords } from "../chain/hop-records.ts";
import type { KickTrace, TraceRequest } from "../protocol/machine.ts";

interface Armed {
  /** Number of the request. */
  readonly id: number;
  readonly request: TraceRequest;
  readonly done: (kicks: readonly KickTrace[]) => void;
  readonly kicks: KickTrace[];
  /** Kicks it has begun to trace. */
  begun: number;
}

/** A kick that is traced: its number, its first hop, and for whom. */
interface Traced {
  readonly kick: number;
  readonly from: number;
  readonly armed: Armed;
}

/** Records the kicks asked for, from the guest's frames to the VM entry that ends the exit; all other hops only if told to. */
export class KickTracer {
  readonly #chain: Chain;
  #armed: Armed | undefined;
  /** The kicks that are recorded to their ends, by vCPU; undefined for one that no trace has asked for. */
  readonly #recorded = new Map<number, Traced | undefined>();
  /** While kicks are recorded: whether hops are recorded after them. */
  #recordsAfter: boolean | undefined;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** One trace at a time; a new one replaces the last, which is answered with what it has. */
  arm(id: number, request: TraceRequest, done: (kicks: readonly KickTrace[]) => void): void {
    const previous = this.#armed;
    // Kicks that are under way were traced for the last one.
    this.#forgetKicks();
    this.#armed = { id, request, done, kicks: [], begun: 0 };
    previous?.done(previous.kicks);
  }

  /** Answers that trace with what it has; one that is over, or has been replaced, has its answer. */
  cancel(id: number): void {
    const armed = this.#armed;
    if (armed?.id !== id) return;
    this.#forgetKicks();
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
    this.#recorded.set(vcpu, undefined);
    if (this.#recordsAfter !== undefined) return;
    this.#recordsAfter = this.#chain.recording;
    this.#chain.recording = true;
    this.#chain.timesEachHop = true;
  }

  /** A kick begins: before anything of it is recorded. `kick`: its number, 0 for one of the workbench's own ports. */
  begin(vcpu: number, slot: number, queue: number, kick: number): void {
    const armed = this.#armed;
    if (armed === undefined || armed.begun === armed.request.kicks) return;
    const { request } = armed;
    if (request.slot === undefined ? kick === 0 : request.slot !== slot) return;
    if ((request.queue ?? queue) !== queue) return;
    const from = this.#chain.recorder.next;
    this.recordKick(vcpu);
    this.#recorded.set(vcpu, { kick, from, armed });
    armed.begun++;
  }

  /** The kick is complete: the guest is about to go on. Where several overlap, what was recorded meanwhile is in each trace. */
  end(vcpu: number, slot: number, queue: number): void {
    const traced = this.#recorded.get(vcpu);
    if (!this.#recorded.delete(vcpu)) return;
    if (this.#recorded.size === 0) this.#forgetKicks();
    if (traced === undefined) return;
    const { kick, from, armed } = traced;
    armed.kicks.push({ kick, slot, queue, hops: hopRecords(this.#chain.recorder.since(from)) });
    if (armed.kicks.length < armed.request.kicks) return;
    this.#armed = undefined;
    armed.done(armed.kicks);
  }

  #forgetKicks(): void {
    this.#recorded.clear();
    if (this.#recordsAfter === undefined) return;
    this.#chain.recording = this.#recordsAfter;
    this.#recordsAfter = undefined;
    this.#chain.timesEachHop = false;
  }
}
