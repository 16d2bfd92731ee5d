import type { Chain } from "./chain.ts";
import type { Context, Frame } from "./context.ts";
import type { After, OnChain, Station, Tell } from "./station.ts";

/**
 * The values a frame's function would record if it were entered now with the same arguments, in declared order.
 * Undefined when it declares none, or they cannot be told any more.
 */
export function valuesOf(frame: Frame): readonly number[] | undefined {
  const tell = frame.station.tell as Tell<unknown, unknown, unknown, unknown> | undefined;
  if (tell === undefined) return undefined;
  let values: readonly number[] | undefined;
  const [a, b, c, d] = frame.args;
  try {
    tell((...told) => (values = told as number[]), a, b, c, d);
  } catch {
    return undefined;
  }
  return values;
}

/**
 * Answer of a parked function: its context waits, and its frame stays open. A status is 0, a negative errno or a small
 * positive number, and never this one: the largest integer that JavaScript engines keep without memory of its own.
 */
export const PARKED = 0x3fffffff;

/** `after` of a function that does nothing more than to hand on what it has been answered. */
export const handOn = (_a: unknown, _b: unknown, status: number): number => status;

/**
 * Announces a function of the real chain: the returned function is `fn`, entered and left on the chain of its first
 * argument. With nothing armed the price is a stack push and one branch. `values` gives the numbers to record, in
 * the order the station declares them; it runs only while recording.
 *
 * With `after` the function may be parked, in a context that is driven from outside. Where `fn` answers PARKED its frame
 * stays open, with its arguments, and `after` is what is left to do when its context runs again: nothing of it is left on
 * the JavaScript stack.
 */
export function station<A extends OnChain, R, B = void, C = void, D = void>(
  info: Station,
  fn: (a: A, b: B, c: C, d: D) => R,
  values?: Tell<A, B, C, D>,
  after?: (a: NoInfer<A>, b: NoInfer<B>, status: number) => NoInfer<R>,
): (a: A, b: B, c: C, d: D) => R {
  if (values !== undefined) info.tell = values;
  info.after = after as After | undefined;
  if (after !== undefined) return parkable(fn, info, values);
  return (a, b, c, d) => {
    const chain = a.chain;
    const context = chain.current;
    context.push(info, a, b, c, d);
    if (chain.armed) announce(chain, values, a, b, c, d);
    try {
      return fn(a, b, c, d);
    } catch (error) {
      chain.threw(info, error);
      throw error;
    } finally {
      context.pop();
    }
  };
}

function parkable<A extends OnChain, R, B, C, D>(
  fn: (a: A, b: B, c: C, d: D) => R,
  info: Station,
  values: Tell<A, B, C, D> | undefined,
): (a: A, b: B, c: C, d: D) => R {
  return (a, b, c, d) => {
    const chain = a.chain;
    const context = chain.current;
    context.push(info, a, b, c, d);
    if (chain.armed) announce(chain, values, a, b, c, d);
    let answer: R | undefined;
    try {
      answer = fn(a, b, c, d);
      return answer;
    } catch (error) {
      chain.threw(info, error);
      throw error;
    } finally {
      if (answer !== PARKED) context.pop();
    }
  };
}

/** The same for a function that may block: a generator that yields while its context waits. */
export function stationThread<A extends OnChain, R, B = void, C = void, D = void>(
  info: Station,
  fn: (a: A, b: B, c: C, d: D) => Generator<void, R, void>,
  values?: Tell<A, B, C, D>,
): (a: A, b: B, c: C, d: D) => Generator<void, R, void> {
  if (values !== undefined) info.tell = values;
  return function* (a, b, c, d) {
    const chain = a.chain;
    const context = chain.current;
    context.push(info, a, b, c, d);
    if (chain.armed) announce(chain, values, a, b, c, d);
    try {
      return yield* fn(a, b, c, d);
    } catch (error) {
      chain.threw(info, error);
      throw error;
    } finally {
      context.pop();
    }
  };
}

/**
 * Finishes the open functions of the current context above the first `bottom`, innermost first. Answers the status of the
 * outermost one, or PARKED where one of them waits on.
 */
export function finishParked(context: Context, bottom: number): number {
  let status = 0;
  while (context.depth > bottom) {
    const at = context.depth - 1;
    const station = context.stations[at];
    const after = station?.after as After<unknown, unknown> | undefined;
    if (station === undefined || after === undefined)
      throw new Error(`${context.name}: ${station?.id} is open, and cannot be parked`);
    const first = context.argument(at, 0);
    try {
      status = after(first, context.argument(at, 1), status);
    } catch (error) {
      (first as OnChain).chain.threw(station, error);
      throw error;
    }
    if (status === PARKED) return PARKED;
    context.pop();
  }
  return status;
}

function announce<A, B, C, D>(chain: Chain, values: Tell<A, B, C, D> | undefined, a: A, b: B, c: C, d: D): void {
  if (!chain.stopsClock) {
    look(chain, values, a, b, c, d);
    return;
  }
  chain.clock.stop();
  try {
    look(chain, values, a, b, c, d);
  } finally {
    chain.clock.resume();
  }
}

function look<A, B, C, D>(chain: Chain, values: Tell<A, B, C, D> | undefined, a: A, b: B, c: C, d: D): void {
  if (chain.record()) {
    if (values !== undefined) values(chain.emit, a, b, c, d);
    else chain.emit();
  }
  chain.stopHere();
}
