import type { Hop, Recorder } from "../chain/recorder.ts";
import type { HopRecord } from "../thread/protocol.ts";
import type { KickHops } from "./protocol.ts";

/** Where the hops of the kick under way, or of the last one, are in the recorder. */
export class KickLog {
  readonly #recorder: Recorder;
  count = 0;
  #slot = 0;
  #queue = 0;
  #from = 0;
  /** First hop behind it, once it is complete. */
  #to: number | undefined = 0;

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
  }

  hops(toRecords: (hops: readonly Hop[]) => HopRecord[]): Omit<KickHops, "recording"> {
    const to = this.#to ?? this.#recorder.next;
    const hops = this.#recorder.since(this.#from).filter(({ index }) => index < to);
    return {
      kick: this.count,
      slot: this.#slot,
      queue: this.#queue,
      complete: this.#to !== undefined,
      hops: toRecords(hops),
    };
  }
}
