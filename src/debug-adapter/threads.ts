import type { ContextId } from "../model/protocol/debug.ts";
import { integer } from "./check.ts";
import type { Handlers } from "./requests.ts";

/** Clients take 0 for no thread. */
export const threadId = (context: ContextId): number => context + 1;
export const contextOf = (thread: number): ContextId => thread - 1;
/** A thread's number as a client gives it. */
export const thread = integer(1);

/** The model's own start-up: no thread of the real chain. */
const START_UP = "boot";

export const threads = {
  async threads(_args, { session }) {
    if (session.machine === undefined || session.phase === "ended" || session.phase === "initialized") {
      return { threads: [] };
    }
    // While it runs, what a context waits for changes faster than anybody could read it.
    const stopped = session.machine.stop !== undefined;
    const contexts = await session.ask("contexts", undefined);
    return {
      threads: contexts
        .filter(({ name, state }) => state !== "done" && name !== START_UP)
        .map(({ id, name, state, waitingFor, task }) => {
          const waits = stopped && state === "blocked" && waitingFor !== "" ? `waits: ${waitingFor}` : undefined;
          const more = task ?? waits;
          return { id: threadId(id), name: more === undefined ? name : `${name} (${more})` };
        }),
    };
  },
} satisfies Handlers;
