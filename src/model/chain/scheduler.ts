import { declareState, derived, plain, wiring } from "../inspect/state.ts";
import type { Chain } from "./chain.ts";
import type { Context } from "./context.ts";
import type { HandOverKind } from "./hand-over-kinds.ts";

/** Chooses who runs next. `runnable` is never empty. */
export type Policy = (runnable: readonly Context[]) => Context;

export const isVcpu = (context: Context): boolean => context.kind === "hv.uvcpu" || context.kind === "guest.task";

/** Interrupts first, then hosts in the order they were woken, the guest's vCPUs last. */
export const hostFirst: Policy = (runnable) => {
  let best = runnable[0];
  for (const context of runnable) if (rank(context) < rank(best)) best = context;
  return best;
};

function rank(context: Context): number {
  if (context.kind === "svm.sysvec") return context.wokenAt - 2 ** 52;
  return isVcpu(context) ? context.wokenAt + 2 ** 52 : context.wokenAt;
}

/**
 * Runs one context at a time until it blocks. The order follows from the policy and the order of wakes alone,
 * so that a run is reproducible.
 */
export class Scheduler {
  static readonly state = declareState<Scheduler>("chain.Scheduler", {
    chain: wiring,
    policy: wiring,
    "#runnable": derived,
    waited: derived,
  });
  readonly chain: Chain;
  policy: Policy;
  readonly #runnable: Context[] = [];
  /** Somebody is in `runUntilOver`. */
  waited = false;

  constructor(chain: Chain, policy: Policy = hostFirst) {
    this.chain = chain;
    this.policy = policy;
  }

  /** Runs contexts until none is runnable. */
  runUntilIdle(): void {
    do {
      for (let next = this.#next(); next !== undefined; next = this.#next()) this.#run(next);
    } while (this.#poll());
  }

  /**
   * Runs other contexts until `condition` holds and no host is left to run: the wait of a context that cannot be
   * suspended. Returns false when nobody is left who could make it hold.
   */
  runUntil(condition: () => boolean): boolean {
    for (;;) {
      const next = this.#next();
      if (next === undefined && (condition() || !this.#poll())) return condition();
      if (next === undefined) continue;
      if (isVcpu(next) && condition()) return true;
      this.#run(next);
    }
  }

  /**
   * Runs other contexts until `isOver` says so, which it does when one of them has run: the wait of an engine whose
   * vCPU has parked an exit. Returns false when nobody is left to run. One at a time: of two, the inner one would have to
   * end first.
   */
  runUntilOver(isOver: () => boolean): boolean {
    this.waited = true;
    try {
      while (!isOver()) {
        const next = this.#next();
        if (next !== undefined) this.#run(next);
        else if (!this.#poll()) return false;
      }
      return true;
    } finally {
      this.waited = false;
    }
  }

  /** Most of the time there is one, which the policy need not be asked about. */
  #next(): Context | undefined {
    const { contexts } = this.chain;
    let first: Context | undefined;
    let choice: Context[] | undefined;
    for (let i = 0; i < contexts.length; i++) {
      const context = contexts[i];
      if (context.state !== "runnable" || (context.external && !context.parked)) continue;
      if (first === undefined) {
        first = context;
        continue;
      }
      if (choice === undefined) {
        choice = this.#runnable;
        choice.length = 0;
        choice.push(first);
      }
      choice.push(context);
    }
    return choice === undefined ? first : this.policy(choice);
  }

  /** Nobody is left to run: those that poll look whether they can go on. Returns whether one could. */
  #poll(): boolean {
    for (const context of this.chain.contexts) {
      if (!context.polls) continue;
      this.#run(context);
      if (!context.polls) return true;
    }
    return false;
  }

  #run(next: Context): void {
    const chain = this.chain;
    const previous = chain.current;
    next.state = "running";
    chain.current = next;
    try {
      next.resume();
    } finally {
      chain.current = previous;
    }
  }
}

/** Where contexts wait for a condition: the kernel's wait queue, epoll's waiters. */
export class WaitQueue {
  static readonly state = declareState<WaitQueue>("chain.WaitQueue", { name: plain, waiters: plain });
  readonly name: string;
  readonly waiters: Context[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Blocks the current context until `condition` holds of `of`; the condition is tested again after each wake. */
  *wait<T = undefined>(chain: Chain, condition: (of: T) => boolean, of?: T): Generator<void, void, void> {
    const context = chain.current;
    while (chain.remaking || !condition(of as T)) {
      if (!chain.remaking) this.waiters.push(context);
      context.waitingFor = this.name;
      context.state = "blocked";
      yield;
      context.waitingFor = "";
    }
  }

  /** Wakes all waiters. */
  wakeUp(chain: Chain, how: HandOverKind): void {
    const count = this.waiters.length;
    for (let i = 0; i < count; i++) chain.wake(this.waiters[i], how);
    this.waiters.length = 0;
  }
}
