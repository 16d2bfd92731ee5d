import type { DebugProtocol } from "@vscode/debugprotocol";
import type { FrameId, FrameRecord } from "../model/protocol/debug.ts";
import { Refused } from "../owner/machine-thread.ts";
import { boolean, integer, object, optional } from "./check.ts";
import { handOverText } from "./hand-over-text.ts";
import { RequestError } from "./request-error.ts";
import type { Handlers } from "./requests.ts";
import type { SessionState } from "./session-state.ts";
import { type Departure, NOWHERE, type SourceFinder } from "./source-finder.ts";
import { contextOf, thread } from "./threads.ts";

/** Clients take 0 for no frame. */
export const frame = {
  toClient: (id: FrameId): number => id + 1,
  fromClient: (id: number): FrameId => id - 1,
};
export const frameId = integer(1);

const stackArguments = object({
  threadId: thread,
  startFrame: optional(integer(0)),
  levels: optional(integer(0)),
  format: optional(object({ module: optional(boolean) })),
});

export const stack = {
  async stackTrace(args, { session }) {
    const { threadId, startFrame = 0, levels = 0, format } = stackArguments(args, "stackTrace");
    const stop = session.stopped("stackTrace");
    const context = contextOf(threadId);
    // Two more in front: a hand-over tells how the frame behind it handed over, and to whom.
    const before = Math.min(startFrame, 2);
    const range = { start: startFrame - before, count: levels === 0 ? 0 : levels + before };
    const keep = session.ahead.expect();
    const { frames, total, look } = await session
      .ask("stack", { context, ...range, look: startFrame === 0 })
      .catch((error: unknown) => {
        // The machine counts contexts, the client threads.
        if (!(error instanceof Refused && error.code === "noContext")) throw error;
        throw new RequestError(`stackTrace: there is no thread ${threadId}`);
      });
    keep(look);
    const sources = session.sources as SourceFinder;
    await sources.prepare(frames, () => {
      // Only a stack that is still being looked at.
      if (session.machine?.stop !== stop || !session.client.invalidated) return;
      session.wire.event("invalidated", { areas: ["stacks"], threadId });
    });
    const stackFrames = frames
      .map((item, index) => stackFrame(session, item, departure(frames, index, stop.context), format?.module))
      .slice(before);
    const { hitBreakpoints: hit } = stop;
    const isAtCall = hit.length > 0 && hit.every((id) => session.breakpoints.isCall(id));
    if (startFrame === 0 && context === stop.context && isAtCall) stackFrames[0] = inBackground(stackFrames[0]);
    return { stackFrames, totalFrames: total };
  },

  source(args, { session }) {
    const { sourceReference } = object({ sourceReference: integer(1) })(args, "source");
    return { content: (session.sources as SourceFinder).page(sourceReference), mimeType: "text/x-csrc" };
  },
} satisfies Handlers;

/** The breakpoint is at the line of the call: that frame is to be selected, not the called function's. */
function inBackground(item: DebugProtocol.StackFrame): DebugProtocol.StackFrame {
  const source = item.source === undefined ? {} : { source: { ...item.source, presentationHint: "deemphasize" } };
  return { ...item, ...source, presentationHint: "subtle" } as DebugProtocol.StackFrame;
}

/** By what the hand-over in front of it says; a context that did not stop here waits. */
function departure(frames: readonly FrameRecord[], index: number, stopped: number): Departure | undefined {
  const item = frames[index];
  if (item.kind === "handOver" || item.callee !== undefined) return undefined;
  const inner = frames[index - 1];
  if (inner?.kind !== "handOver") return item.context === stopped ? undefined : { how: "wait", towards: undefined };
  const entered = frames[index - 2];
  return { how: inner.how, towards: entered?.kind === "function" ? entered.station : undefined };
}

function stackFrame(
  session: SessionState,
  item: FrameRecord,
  leaves: Departure | undefined,
  withModule: boolean | undefined,
): DebugProtocol.StackFrame {
  const id = frame.toClient(item.id);
  session.frameContexts.set(item.id, item.context);
  if (item.kind === "handOver") return { id, name: handOverText(item), ...NOWHERE, presentationHint: "label" };
  return {
    id,
    name: withModule ? `${item.layer}!${item.name}` : item.name,
    ...(session.sources as SourceFinder).placeOfFrame(item, leaves),
    moduleId: item.layer,
    ...(item.guest === undefined ? {} : { instructionPointerReference: item.guest.memoryReference }),
  };
}
