import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import type { StepInTarget, StepRequest } from "../protocol/debug.ts";
import { DebugError, type DebugTarget } from "./target.ts";

/** Whether a step ends where a station has just been entered in this context. */
export type StepEnd = (context: Context) => boolean;

export function contextOf(chain: Chain, id: number): Context {
  const context = chain.contexts[id];
  if (context === undefined)
    throw new DebugError(`there is no context ${id}; there are 0 to ${chain.contexts.length - 1}`, "noContext");
  return context;
}

/** Where a step ends. Depths are those of the innermost frame, the outermost one having 0. */
export function planStep(target: DebugTarget, request: StepRequest): StepEnd {
  const { chain } = target;
  const asked = contextOf(chain, request.context);
  const context = isGuest(asked) ? exitContext(target, asked) : asked;
  if (request.kind === "in") {
    if (request.target === undefined) return stepIn(chain, context);
    const wanted = contextOf(chain, request.target);
    return (entered) => entered === wanted;
  }
  const inGuest = context !== asked;
  const limit = inGuest ? Number.POSITIVE_INFINITY : request.kind === "over" ? context.depth - 1 : outerLimit(context);
  const isBack = returnToCaller(context);
  return (entered) => isBack(entered) ?? (entered === context && entered.depth - 1 <= limit);
}

/**
 * The next station in the same context, or in one it has handed over to. When it is done and nobody waits to run because
 * of it, whatever happens next.
 */
function stepIn(chain: Chain, context: Context): StepEnd {
  const since = context.cause?.serial ?? 0;
  const isBack = returnToCaller(context);
  const isNext = (other: Context): boolean => isCausedBy(other, context, since);
  return (entered) => {
    const back = isBack(entered);
    if (back !== undefined) return back;
    if (entered === context || isNext(entered)) return true;
    // A guest that is at a function of its own has come back from its exit.
    const isOver = context.state !== "running" || isGuest(entered);
    return isOver && !chain.contexts.some((other) => other.state === "runnable" && isNext(other));
  };
}

/**
 * A VMCALL returns to who made it: true for the next station there, false for the context of a later VMCALL. Undefined
 * while the call goes on, and for contexts that are not called.
 */
function returnToCaller(context: Context): (entered: Context) => boolean | undefined {
  const { calledAt, cause } = context;
  const caller = context.kind === "hv.svcpu" && context.depth > 1 ? cause?.context : undefined;
  return (entered) => {
    if (caller === undefined) return undefined;
    if (entered === caller) return true;
    return entered === context && context.calledAt !== calledAt ? false : undefined;
  };
}

const isGuest = ({ kind }: Context): boolean => kind.startsWith("guest.");

/** The hypervisor's context on the guest's CPU, where its next exit is. */
function exitContext({ hypervisor, cpus }: DebugTarget, guest: Context): Context {
  const vcpu = cpus.findIndex((cpu) => cpu.context.name === guest.name);
  return hypervisor.userVm.vcpus[Math.max(vcpu, 0)].context;
}

function outerLimit(context: Context): number {
  const inner = context.depth - 1;
  const caller = context.stations[inner - 1];
  return caller === undefined || caller.endless ? Math.max(inner, 0) : inner - 1;
}

/** `context` runs because `origin` handed over to it, or to others that did, later than hand-over `since`. */
function isCausedBy(context: Context, origin: Context, since: number): boolean {
  for (let cause = context.cause; cause !== undefined && cause.serial > since; cause = cause.parent) {
    if (cause.context === origin) return true;
  }
  return false;
}

/** Contexts that wait to run because this one handed over to them. */
export function stepInTargets(chain: Chain, id: number): StepInTarget[] {
  const origin = contextOf(chain, id);
  const since = origin.cause?.serial ?? 0;
  return chain.contexts
    .filter((context) => context !== origin && context.state === "runnable" && isCausedBy(context, origin, since))
    .flatMap((context) => {
      const { cause } = context;
      if (cause === undefined) return [];
      const by = cause.frames().at(-1)?.station.id ?? cause.context?.name ?? "";
      return { context: context.id, contextName: context.name, by, how: cause.how };
    });
}
