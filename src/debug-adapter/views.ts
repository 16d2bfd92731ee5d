import { boolean, integer, object, optional } from "./check.ts";
import type { Handlers } from "./requests.ts";

const traceArguments = object({
  slot: optional(integer(0, 31)),
  queue: optional(integer(0, 65535)),
  kicks: optional(integer(1, 1000)),
});

/** The requests of protocol.ts that show the machine as a whole. */
export const views: Handlers = {
  "acrn/overview": (_args, { session }) => session.ask("overview", undefined),

  "acrn/hops": (_args, { session }) => session.ask("kickHops", undefined),

  async "acrn/record"(args, { session }) {
    const { on } = object({ on: boolean })(args, "acrn/record");
    await session.ask("record", on);
    return undefined;
  },

  "acrn/recorded"(args, { session }) {
    const { since } = object({ since: optional(integer(0)) })(args, "acrn/recorded");
    return session.ask("hops", since ?? 0);
  },

  async "acrn/trace"(args, { session }) {
    const { slot, queue, kicks } = traceArguments(args, "acrn/trace");
    return { kicks: await session.ask("trace", { slot, queue, kicks: kicks ?? 1 }) };
  },
};
