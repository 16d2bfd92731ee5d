import type { DebuggeeListener } from "../owner/debuggee.ts";
import { guestSymbolsChanged } from "./breakpoints/function.ts";
import type { SessionState } from "./session-state.ts";
import { tellDebugEvent } from "./stop-events.ts";

/** What a session makes of the news of its machine. */
export function listenerOf(session: SessionState): DebuggeeListener {
  return {
    log: (level, source, message, kind) => {
      // Where a pty is comes as a value.
      if (level <= 2 && kind !== "announcement") session.output("stderr", `${source}: ${message.trim()}\n`);
    },
    pty: (path) => ptyOpened(session, path),
    progress: (step) => {
      session.progress.reached(step);
      if (session.state === "starting") session.goesOn();
    },
    symbols: () => {
      void guestSymbolsChanged(session);
      if (session.phase !== "live") return;
      session.wire.event("acrn/symbols");
      // While the machine runs there are no stacks; VS Code would forget its threads.
      const shown = session.client.invalidated && session.machine?.stop !== undefined;
      if (shown) session.wire.event("invalidated", { areas: ["stacks"] });
    },
    debug: (event) => tellDebugEvent(session, event),
    ended: (end) => session.onEnded(end),
  };
}

function ptyOpened(session: SessionState, path: string): void {
  session.wire.event("acrn/pty", { path });
  // Of other ports one hears when one asks for them.
  if (session.options?.console === "pty") session.output("important", `The guest's console is ${path}.\n`);
  else session.output("console", `A port of the guest is at ${path}.\n`);
}
