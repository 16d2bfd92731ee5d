import type { Chain } from "./chain.ts";
import type { Frame } from "./context.ts";
import type { OnChain, Station, Tell } from "./station.ts";

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
 * Announces a function of the real chain: the returned function is `fn`, entered and left on the chain of its first
 * argument. With nothing armed the price is a stack push and one branch. `values` gives the numbers to record, in
 * the order the station declares them; it runs only while recording.
 */
export function station<A extends OnChain, R, B = void, C = void, D = void>(
  info: Station,
  fn: (a: A, b: B, c: C, d: D) => R,
  values?: Tell<A, B, C, D>,
): (a: A, b: B, c: C, d: D) => R {
  if (values !== undefined) info.tell = values;
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
