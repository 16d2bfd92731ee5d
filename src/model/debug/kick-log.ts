import { type Hop, Recorder } from "../chain/recorder.ts";
import type { HopRecord } from "../thread/protocol.ts";
import type { KickHops } from "./protocol.ts";

/** A longer kick keeps its last hops. */
const MOST_HOPS = 2048;

/** The hops of the kick under way, or of the last one, which stay when the recorder has gone on. */
export class KickLog {
  readonly #recorder: Recorder;
  count = 0;
  #slot = 0;
  #queue = 0;
  #from = 0;
  /** First hop behind it, once it is complete. */
  #to: number | undefined = 0;
  /** The last complete kick. */
  #kept: Recorder | undefined;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  begin(slot: number, queue: number): void {
    this.count++;
    this.#slot = slot;
    this.#queue = queue;
    this.#from = this.#recorder.next;
    this.#to = undefined;
  }

  end(): void {
    this.#to = this.#recorder.next;
    if (this.#to === this.#from) return;
    this.#kept ??= new Recorder(MOST_HOPS);
    this.#kept.copy(this.#recorder, this.#from, this.#to);
  }

  hops(toRecords: (hops: readonly Hop[]) => HopRecord[]): Omit<KickHops, "recording"> {
    // Of a kick that was not recorded there are no hops; what is kept is an older one.
    const kept = this.#to === undefined || this.#to === this.#from ? undefined : this.#kept;
    const hops = this.#to === this.#from ? [] : (kept ?? this.#recorder).since(this.#from);
    return {
      kick: this.count,
      slot: this.#slot,
      queue: this.#queue,
      complete: this.#to !== undefined,
      hops: toRecords(hops),
    };
  }
}
