import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import type { HopRecord } from "../chain/hop-records.ts";
import { type Hop, Recorder } from "../chain/recorder.ts";
import type { GuestInterrupts } from "../doors/guest-debug.ts";
import type { KickHops } from "../protocol/debug.ts";

/** A longer kick keeps its last hops. */
const MOST_HOPS = 2048;

/** Kicks whose output is remembered; a power of two. */
const REMEMBERED = 1024;
/** Their hops, some hundred kicks' worth. */
const OUTPUT_HOPS = 16_384;
/** Numbers of one of them: kick, slot, queue, first hop, first hop behind it, where they are kept, output before and after. */
const FIELDS = 8;

type ToRecords = (hops: readonly Hop[]) => HopRecord[];

/** One for each vCPU, used again for its next kick. */
class LoggedKick {
  /** Its number; 0 before the first. */
  kick = 0;
  slot = 0;
  queue = 0;
  from = 0;
  /** First hop behind it, once its exit is complete; undefined again while the guest is in the interrupt that comes of it. */
  to: number | undefined = 0;
  /** Its exit has ended, and its interrupt has not. */
  awaits = false;
  outputBefore = 0;
}

/** The hops of the kick under way, or of the last one, through the guest's interrupt that comes of it, which stay when the recorder has gone on. */
export class KickLog {
  readonly #chain: Chain;
  readonly #recorder: Recorder;
  count = 0;
  /** By vCPU. */
  readonly #kicks: LoggedKick[] = [];
  /** The one that was complete last. */
  #last = new LoggedKick();
  /** Its hops, or those of the last one that had any. */
  #kept: Recorder | undefined;

  /** Bytes the stdio console has written since the machine was made. */
  readonly #output: () => number;
  readonly #interruptsOf: (vcpu: number) => GuestInterrupts | undefined;
  readonly #past = new Float64Array(REMEMBERED * FIELDS);
  #remembered = 0;
  /** Hops of the kicks with output. */
  #outputs: Recorder | undefined;

  constructor(
    chain: Chain,
    output: () => number,
    interruptsOf: (vcpu: number) => GuestInterrupts | undefined = () => undefined,
  ) {
    this.#interruptsOf = interruptsOf;
    this.#chain = chain;
    this.#recorder = chain.recorder;
    this.#output = output;
  }

  begin(vcpu: number, slot: number, queue: number): void {
    this.#kicks[vcpu] ??= new LoggedKick();
    const kick = this.#kicks[vcpu];
    this.count++;
    if (kick.awaits) {
      // A kick inside the interrupt that is followed is part of it.
      if (this.#interruptsOf(vcpu)?.inside !== undefined) return;
      this.#complete(kick);
    }
    kick.kick = this.count;
    kick.slot = slot;
    kick.queue = queue;
    kick.from = this.#recorder.next;
    kick.to = undefined;
    if (this.#chain.recording) kick.outputBefore = this.#output();
  }

  /** Where several vCPUs kick at once, what was recorded meanwhile belongs to each of their kicks. */
  end(vcpu: number): void {
    const kick = this.#kicks[vcpu];
    if (kick === undefined || kick.to !== undefined || kick.awaits) return;
    this.#keep(kick);
    kick.awaits = kick.to !== kick.from && this.#interruptsOf(vcpu)?.follows === true;
    if (!kick.awaits) this.#complete(kick);
  }

  /** The guest takes the interrupt: the kick goes on. */
  taken(vcpu: number): void {
    const kick = this.#kicks[vcpu];
    if (kick?.awaits) kick.to = undefined;
  }

  /** The interrupt has ended, or will not come. */
  over(vcpu: number): void {
    const kick = this.#kicks[vcpu];
    if (!kick?.awaits) return;
    if (kick.to === undefined) this.#keep(kick);
    this.#complete(kick);
  }

  /** Keeps what there is of it so far. */
  #keep(kick: LoggedKick): void {
    kick.to = this.#recorder.next;
    this.#last = kick;
    if (kick.to === kick.from) return;
    this.#kept ??= new Recorder(MOST_HOPS);
    this.#kept.copy(this.#recorder, kick.from, kick.to);
  }

  /** Nothing more belongs to it. */
  #complete(kick: LoggedKick): void {
    kick.awaits = false;
    if (kick.to === undefined || kick.to === kick.from) return;
    const output = this.#output();
    if (output > kick.outputBefore) this.#remember(kick, kick.to, output);
  }

  /**
   * The complete kick that wrote byte `offset` of the stdio console's output, while it is one of the last hundred or so; else kick 0.
   */
  ofOutput(offset: number, toRecords: ToRecords): KickHops {
    const { recording } = this.#chain;
    const none = { kick: 0, slot: 0, queue: 0, complete: true, hops: [], recording };
    const past = this.#past;
    const oldest = Math.max(0, this.#remembered - REMEMBERED);
    for (let number = this.#remembered - 1; number >= oldest; number--) {
      const [kick, slot, queue, from, to, keptAt, before, after] = past.subarray((number & (REMEMBERED - 1)) * FIELDS);
      if (this.#outputs === undefined || keptAt < this.#outputs.first || offset >= after) return none;
      if (offset < before) continue;
      const kept = this.#outputs.since(keptAt).slice(0, to - from);
      // Causes and callers are told by the numbers the hops had.
      const hops = kept.map((hop, at) => ({ ...hop, index: from + at }));
      return { kick, slot, queue, complete: true, hops: toRecords(hops), recording };
    }
    return none;
  }

  #remember({ kick, slot, queue, from, outputBefore }: LoggedKick, to: number, output: number): void {
    this.#outputs ??= new Recorder(OUTPUT_HOPS);
    const at = (this.#remembered++ & (REMEMBERED - 1)) * FIELDS;
    const past = this.#past;
    past[at] = kick;
    past[at + 1] = slot;
    past[at + 2] = queue;
    past[at + 3] = from;
    past[at + 4] = to;
    past[at + 5] = this.#outputs.append(this.#recorder, from, to);
    past[at + 6] = outputBefore;
    past[at + 7] = output;
  }

  /** Of several under way the one that began last. `stoppedIn`: the context in which the machine is stopped. */
  hops(toRecords: ToRecords, stoppedIn: Context | undefined): KickHops {
    const { kick: number, slot, queue, from, to } = this.#shown();
    // Of a kick that was not recorded there are no hops; what is kept is an older one.
    const kept = to === undefined || to === from ? undefined : this.#kept;
    const hops = to === from ? [] : toRecords((kept ?? this.#recorder).since(from));
    const complete = to !== undefined;
    const kick = { kick: number, slot, queue, complete, hops, recording: this.#chain.recording };
    const at = hops.length - 1;
    // The world stops where the hop recorded last was entered, or in the guest.
    if (complete || stoppedIn === undefined || hops[at]?.station !== stoppedIn.top()?.station.id) return kick;
    return hops[at].context === stoppedIn.name ? { ...kick, stoppedAt: at } : kick;
  }

  #shown(): LoggedKick {
    let shown = this.#last;
    for (const kick of this.#kicks) {
      if (kick === undefined || kick.to !== undefined) continue;
      if (shown.to !== undefined || kick.kick > shown.kick) shown = kick;
    }
    return shown;
  }
}
