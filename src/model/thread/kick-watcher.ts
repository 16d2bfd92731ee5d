import type { KickWatch } from "../board/exits.ts";
import type { Chain } from "../chain/chain.ts";
import type { Debugger } from "../debug/debugger.ts";
import type { InterruptWatch } from "../doors/guest-debug.ts";
import type { KickTracer } from "./kick-trace.ts";

/** Who is to know of kicks. */
interface Followers {
  readonly chain: Chain;
  readonly debugger: Debugger;
  readonly tracer: KickTracer;
}

/** Counts kicks and tells debugger and tracer of them, each in its turn. */
export class KickWatcher implements KickWatch {
  /** Kicks since the machine was made. */
  count = 0;
  /** Virtual time the model has spent in them; where several overlap it counts once. */
  milliseconds = 0;
  readonly #now: () => number;
  /** Slots whose devices are the workbench's own. */
  readonly #own: ReadonlySet<number>;
  #followers: Followers | undefined;
  /** Kicks under way, and when the first of them began. */
  #open = 0;
  #since = 0;

  constructor(now: () => number, own: ReadonlySet<number>) {
    this.#now = now;
    this.#own = own;
  }

  /** From now on these are told. */
  follow(followers: Followers): void {
    this.#followers = followers;
  }

  /** Tells them of the interrupts of a vCPU that are followed into the guest. */
  interrupts(vcpu: number): InterruptWatch {
    return {
      taken: () => {
        this.#followers?.debugger.interruptTaken(vcpu);
        this.#followers?.tracer.taken(vcpu);
      },
      over: () => {
        this.#followers?.tracer.over(vcpu);
        this.#followers?.debugger.interruptOver(vcpu);
      },
    };
  }

  begin(vcpu: number, slot: number, queue: number): void {
    if (this.#open++ === 0) this.#since = this.#now();
    if (this.#followers === undefined) return;
    const { chain, debugger: observer, tracer } = this.#followers;
    const armed = chain.armed;
    if (armed) chain.clock.stop();
    const own = this.#own.has(slot);
    if (own) observer.ownKickBegins(vcpu);
    // What one stops in one wants to see.
    else if (observer.stopsInKick(slot, queue)) tracer.recordKick(vcpu);
    tracer.begin(vcpu, slot, queue, own ? 0 : observer.kickBegins(vcpu, slot, queue));
    if (armed) chain.clock.resume();
  }

  end(vcpu: number, slot: number, _queue: number): void {
    this.count++;
    if (--this.#open === 0) this.milliseconds += this.#now() - this.#since;
    if (this.#followers !== undefined) {
      const { chain, debugger: observer, tracer } = this.#followers;
      const armed = chain.armed;
      if (armed) chain.clock.stop();
      tracer.end(vcpu);
      if (this.#own.has(slot)) observer.ownKickEnds(vcpu);
      else observer.kickEnds(vcpu);
      if (armed) chain.clock.resume();
    }
  }
}
