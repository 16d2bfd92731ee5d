import { integer, object, optional } from "./check.ts";
import { stepTargetText } from "./hand-over-text.ts";
import type { Call, Handlers } from "./requests.ts";
import { frame, frameId } from "./stack.ts";
import { contextOf, thread, threadId } from "./threads.ts";

const stepArguments = object({ threadId: thread, targetId: optional(thread) });

export const stepping = {
  async continue(args, call) {
    object({ threadId: optional(thread) })(args, "continue");
    await resume(call, "continue", () => call.session.ask("continue", undefined));
    return { allThreadsContinued: true };
  },

  next: (args, call) => step(args, call, "next", "over"),
  stepIn: (args, call) => step(args, call, "stepIn", "in"),
  stepOut: (args, call) => step(args, call, "stepOut", "out"),

  async pause(_args, { session }) {
    await session.ask("pause", undefined);
    return undefined;
  },

  async stepInTargets(args, { session }) {
    const { frameId: id } = object({ frameId })(args, "stepInTargets");
    const stop = session.stopped("stepInTargets");
    const context = session.frameContexts.get(frame.fromClient(id)) ?? stop.context;
    const targets = await session.ask("stepInTargets", context);
    return { targets: targets.map((target) => ({ id: threadId(target.context), label: stepTargetText(target) })) };
  },

  async "acrn/continueToKick"(args, call) {
    const { queue } = object({ queue: optional(integer(0, 65535)) })(args, "acrn/continueToKick");
    const running = call.session.running().stop === undefined;
    const go = () => call.session.ask("runToKick", { queue, running });
    if (running) await go();
    else await resume(call, "acrn/continueToKick", go, false);
    return undefined;
  },
} satisfies Handlers;

async function step(args: unknown, call: Call, command: string, kind: "in" | "over" | "out"): Promise<undefined> {
  const given = stepArguments(args, command);
  const context = contextOf(given.threadId);
  const target = given.targetId === undefined ? undefined : contextOf(given.targetId);
  // A step may run until the guest does something; clients think that the other threads stand still meanwhile.
  await resume(call, command, () => call.session.ask("step", { kind, context, target }), false);
  return undefined;
}

/**
 * Lets the machine go on; what happens next is told after the response. `isKnown`: the protocol says of this request that the
 * machine goes on; clients have to be told when they ask by another one, or step one of many threads.
 */
async function resume(call: Call, command: string, go: () => Promise<unknown>, isKnown = true): Promise<void> {
  const { session, afterwards } = call;
  const stop = session.stopped(command);
  const machine = session.running();
  // From now on, not from the event on: the client's next request may be here before it.
  machine.stop = undefined;
  session.order.hold();
  if (isKnown) session.order.expectContinued();
  session.frameContexts.clear();
  afterwards(() => session.order.release());
  try {
    await go();
  } catch (error) {
    if (isKnown) session.order.unexpectContinued();
    machine.stop ??= stop;
    throw error;
  }
}
