import type { Chain } from "../chain/chain.ts";
import { hopRecords } from "../chain/hop-records.ts";
import type { GuestInterrupts } from "../doors/guest-debug.ts";
import type { KickTrace, TraceRequest, WayBack } from "../protocol/machine.ts";

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
  readonly slot: number;
  readonly queue: number;
  readonly from: number;
  readonly armed: Armed;
}

/** What is recorded to its end, on one vCPU. */
interface Round {
  /** The exit is over: the guest's interrupt is next. */
  entered: boolean;
  /** It has not been taken: until then nothing is recorded. */
  waits: boolean;
  /** Kicks inside that interrupt which have not ended. */
  inner: number;
  /** Undefined where no trace has asked for it. */
  traced: Traced | undefined;
}

/** The interrupts of a vCPU; none where the engine does not show its guest. */
export type InterruptsOf = (vcpu: number) => GuestInterrupts | undefined;

/**
 * Records the kicks asked for, from the guest's frames to the VM entry that ends the exit and through the interrupt that
 * comes of it to its end; all other hops only if told to.
 */
export class KickTracer {
  readonly #chain: Chain;
  readonly #interruptsOf: InterruptsOf;
  #armed: Armed | undefined;
  /** By vCPU. */
  readonly #rounds = new Map<number, Round>();
  /** While there are any: whether hops are recorded after them. */
  #recordsAfter: boolean | undefined;

  constructor(chain: Chain, interruptsOf: InterruptsOf = () => undefined) {
    this.#chain = chain;
    this.#interruptsOf = interruptsOf;
  }

  /** One trace at a time; a new one replaces the last, which is answered with what it has. */
  arm(id: number, request: TraceRequest, done: (kicks: readonly KickTrace[]) => void): void {
    const previous = this.#armed;
    // Kicks that are under way were traced for the last one.
    this.#forgetRounds();
    const armed: Armed = { id, request, done, kicks: [], begun: 0 };
    this.#armed = armed;
    this.#chain.onInput = request.input === true ? () => this.#input(armed) : undefined;
    previous?.done(previous.kicks);
  }

  /** Answers that trace with what it has; one that is over, or has been replaced, has its answer. */
  cancel(id: number): void {
    const armed = this.#armed;
    if (armed?.id !== id) return;
    this.#forgetRounds();
    this.#disarm();
    armed.done(armed.kicks);
  }

  /** Records every hop from now on, or stops that; a kick that is being traced is recorded to its end. */
  record(on: boolean): void {
    if (this.#recordsAfter === undefined) {
      this.#chain.recording = on;
      return;
    }
    this.#recordsAfter = on;
    this.#switch();
  }

  /** The kick that vCPU begins now is recorded to its end, whoever asks for it. */
  recordKick(vcpu: number): void {
    if (this.#isInner(vcpu)) return;
    this.#giveUpWaiting(vcpu);
    if (!this.#rounds.has(vcpu)) this.#begin(vcpu, { entered: false, waits: false, inner: 0, traced: undefined });
  }

  /** A kick begins: before anything of it is recorded. `kick`: its number, 0 for one of the workbench's own ports. */
  begin(vcpu: number, slot: number, queue: number, kick: number): void {
    const around = this.#rounds.get(vcpu);
    if (around !== undefined && this.#isInner(vcpu)) {
      around.inner++;
      return;
    }
    this.#giveUpWaiting(vcpu);
    const armed = this.#armed;
    if (armed === undefined || armed.request.input || armed.begun === armed.request.kicks) return;
    const { request } = armed;
    if (request.slot === undefined ? kick === 0 : request.slot !== slot) return;
    if ((request.queue ?? queue) !== queue) return;
    this.recordKick(vcpu);
    const round = this.#rounds.get(vcpu);
    if (round !== undefined) round.traced = { kick, slot, queue, from: this.#chain.recorder.next, armed };
    armed.begun++;
  }

  /** The exit is complete: the guest is about to go on. Where several overlap, what was recorded meanwhile is in each trace. */
  end(vcpu: number): void {
    const round = this.#rounds.get(vcpu);
    if (round === undefined) return;
    if (round.inner > 0) {
      round.inner--;
      return;
    }
    if (round.entered) return;
    const interrupts = this.#interruptsOf(vcpu);
    if (interrupts?.follows !== true) {
      this.#finish(vcpu, this.#unfollowed(vcpu));
      return;
    }
    round.entered = true;
    round.waits = interrupts.inside === undefined;
    this.#switch();
  }

  /** That vCPU's guest takes an interrupt that is followed. */
  taken(vcpu: number): void {
    const round = this.#rounds.get(vcpu);
    if (round === undefined) return;
    round.waits = false;
    this.#switch();
  }

  /** Nothing is followed on that vCPU any more. */
  over(vcpu: number): void {
    if (this.#rounds.get(vcpu)?.entered === true) this.#finish(vcpu, "seen");
  }

  /** Input has come, and nobody has read it yet. It is followed to the end of the interrupts that come of it. */
  #input(armed: Armed): void {
    if (armed.begun === armed.request.kicks || this.#rounds.size > 0) return;
    armed.begun++;
    const { slot = 0, queue = 0 } = armed.request;
    const traced = { kick: 0, slot, queue, from: this.#chain.recorder.next, armed };
    this.#begin(0, { entered: true, waits: false, inner: 0, traced });
  }

  /** Inside the interrupt that is followed: that kick is part of what is recorded. */
  #isInner(vcpu: number): boolean {
    return this.#rounds.get(vcpu)?.entered === true && this.#interruptsOf(vcpu)?.inside !== undefined;
  }

  /** The guest kicks again before it takes the interrupt. */
  #giveUpWaiting(vcpu: number): void {
    if (this.#rounds.get(vcpu)?.entered !== true) return;
    this.#finish(vcpu, this.#interruptsOf(vcpu)?.follows === true ? "notTaken" : this.#unfollowed(vcpu));
  }

  /** What is said where nothing is followed. */
  #unfollowed(vcpu: number): WayBack {
    const interrupts = this.#interruptsOf(vcpu);
    return interrupts === undefined || interrupts.problem !== undefined ? "unseen" : "noInterrupt";
  }

  #begin(vcpu: number, round: Round): void {
    this.#recordsAfter ??= this.#chain.recording;
    this.#rounds.set(vcpu, round);
    this.#switch();
  }

  #finish(vcpu: number, back: WayBack): void {
    const traced = this.#rounds.get(vcpu)?.traced;
    this.#rounds.delete(vcpu);
    this.#switch();
    if (traced === undefined) return;
    const { kick, slot, queue, from, armed } = traced;
    const input = armed.request.input === true ? { input: true as const } : {};
    armed.kicks.push({ kick, ...input, slot, queue, back, hops: hopRecords(this.#chain.recorder.since(from)) });
    if (armed.kicks.length < armed.request.kicks) return;
    this.#disarm();
    armed.done(armed.kicks);
  }

  #disarm(): void {
    this.#armed = undefined;
    this.#chain.onInput = undefined;
  }

  #forgetRounds(): void {
    this.#rounds.clear();
    this.#switch();
  }

  /** Hops are recorded where a round does not wait, or as they were before. */
  #switch(): void {
    if (this.#recordsAfter === undefined) return;
    let follows = false;
    for (const { waits } of this.#rounds.values()) follows ||= !waits;
    this.#chain.recording = follows || this.#recordsAfter;
    this.#chain.timesEachHop = follows;
    if (this.#rounds.size === 0) this.#recordsAfter = undefined;
  }
}
