import type { DebugEvent } from "../model/protocol/debug.ts";
import { guestSymbolsChanged } from "./breakpoints/function.ts";
import type { SessionState } from "./session-state.ts";
import { threadId } from "./threads.ts";

const DESCRIPTIONS: { readonly [reason: string]: string } = {
  entry: "Paused before the guest's first instruction",
  kick: "Paused on a kick",
};
/** The protocol's words for reasons; a client shows words it does not know as they are. */
const REASONS: { readonly [reason: string]: string } = { kick: "breakpoint" };

/** Passes what the machine's debugger tells on to the client. */
export function tellDebugEvent(session: SessionState, event: DebugEvent): void {
  const { order, wire } = session;
  if (event.type === "output") {
    const line = session.breakpoints.lineOf(event.breakpoint);
    const place =
      line === undefined ? session.sources?.placeOf(event.station) : session.sources?.placeOfLine(line.path, line.line);
    order.send(() => wire.event("output", { category: "console", output: `${event.text}\n`, ...place }));
    return;
  }
  if (event.type === "guestFunctions") {
    order.send(() => void guestSymbolsChanged(session));
    return;
  }
  session.ahead.void();
  const isKnown = event.type === "continued" && order.takeExpected();
  // Until the client has configured the session it is told nothing: the first stop is told by configurationDone.
  if (!isKnown && session.phase !== "live") return;
  order.send(() => {
    if (event.type === "stopped") {
      // It may have gone on while the event was held back.
      if (session.machine?.stop === event) tellStop(session, event);
      return;
    }
    // What its labels say of waits and tasks was true of the stop.
    if (isKnown) wire.event("thread", { reason: "started", threadId: session.stoppedThread });
    if (!isKnown) wire.event("continued", { threadId: 1, allThreadsContinued: true });
    session.goesOn();
  });
}

/** Says once in a session why frames are in TypeScript, unless that was asked for. */
function tellModelSource(session: SessionState): void {
  const { sources, options } = session;
  if (session.modelSourceTold || sources === undefined || options?.sources.prefer === "model") return;
  session.modelSourceTold = true;
  if (sources.map.trees.some(({ kind }) => kind === "acrn")) return;
  session.wire.event("acrn/modelSource");
  const name = 'name one in "sources": { "acrn": FOLDER }, or in VS Code choose ACRN: Get Sources';
  session.output("console", `Frames show the model's own source: there is no checkout of acrn-hypervisor; ${name}.\n`);
}

/** Tells the client where the machine stands. */
export function tellStop(session: SessionState, stop: Extract<DebugEvent, { type: "stopped" }>): void {
  tellModelSource(session);
  const ids = stop.hitBreakpoints;
  const functions = ids.length > 0 && ids.every((id) => session.breakpoints.isFunction(id));
  const reason = stop.reason === "breakpoint" && functions ? "function breakpoint" : stop.reason;
  session.stoppedThread = threadId(stop.context);
  session.wire.event("stopped", {
    reason: REASONS[reason] ?? reason,
    description: DESCRIPTIONS[stop.reason] ?? `Paused on ${stop.reason}`,
    threadId: threadId(stop.context),
    allThreadsStopped: true,
    ...(stop.text === "" ? {} : { text: stop.text }),
    ...(ids.length > 0 ? { hitBreakpointIds: ids } : {}),
  });
  // Nothing makes progress now, and what the user looks at should not be covered by the news of it.
  session.progress.end();
  session.become("stopped");
}
