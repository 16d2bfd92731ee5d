import type { DebugProtocol } from "@vscode/debugprotocol";
import { capabilities } from "./capabilities.ts";
import { boolean, object, oneOf, optional, string } from "./check.ts";
import { attachOf, type DebugOptions } from "./launch-arguments.ts";
import { ended, go, launchFrom, start } from "./machine-life.ts";
import { listenerOf } from "./machine-listener.ts";
import { Cancelled, RequestError } from "./request-error.ts";
import { clientOf, type Handlers } from "./requests.ts";
import type { SessionState } from "./session-state.ts";
import { SourceFinder } from "./source-finder.ts";

const flag = optional(boolean);
/** `adapterID` is required by the protocol; clients that leave it out are served all the same. */
const initializeArguments = object({
  adapterID: optional(string),
  clientID: optional(string),
  clientName: optional(string),
  pathFormat: optional(oneOf("path", "uri")),
  linesStartAt1: flag,
  columnsStartAt1: flag,
  supportsVariableType: flag,
  supportsProgressReporting: flag,
  supportsRunInTerminalRequest: flag,
  supportsInvalidatedEvent: flag,
  supportsMemoryEvent: flag,
  supportsAcrnConsole: flag,
});

export const lifecycle = {
  initialize(args, { session }) {
    session.client = clientOf(initializeArguments(args, "initialize") as DebugProtocol.InitializeRequestArguments);
    session.phase = "initialized";
    return capabilities;
  },

  async launch(args, { session, signal, afterwards }) {
    const refused = session.surroundings.machine.refusesLaunch;
    if (refused !== undefined) throw new RequestError(`launch: ${refused}`, { showUser: true });
    const launch = launchFrom(session, args);
    await begin(session, launch.options, launch.warnings);
    try {
      await start(session, launch, signal);
    } catch (error) {
      if (!session.closed) session.phase = "initialized";
      throw error;
    }
    afterwards(() => ready(session));
    return undefined;
  },

  async attach(args, { session, afterwards }) {
    const { options, warnings } = attachOf(args);
    const machine = session.surroundings.machine.get();
    if (machine === undefined || machine.end !== undefined) {
      throw new RequestError(
        'attach: there is no machine here; start one with "acrn-virtio run --dap PORT", or use launch',
        { showUser: true },
      );
    }
    if (machine.debugged) {
      throw new RequestError("attach: another client debugs this machine; disconnect it first", { showUser: true });
    }
    // At once, before anybody else does; and known to the session, which lets go of it should the client vanish meanwhile.
    machine.attach(listenerOf(session));
    session.machine = machine;
    try {
      await begin(session, options, warnings);
    } catch (error) {
      // Once the client is gone another one may have it.
      if (!session.closed) await machine.detach();
      session.machine = undefined;
      throw error;
    }
    await machine.made;
    session.onEnded = (end) => ended(session, end);
    if (options.record) await session.record(true);
    afterwards(() => ready(session));
    return undefined;
  },

  async configurationDone(_args, { session, afterwards }) {
    if (session.phase !== "launching") throw new RequestError("configurationDone: the session is configured already");
    // The guest must not run past a breakpoint whose place is not known yet.
    await session.breakpoints.placing;
    // A client need not have set anything; stopOnKick is armed all the same.
    await session.breakpoints.arm(session);
    afterwards(() => go(session));
    return undefined;
  },
} satisfies Handlers;

async function begin(session: SessionState, options: DebugOptions, warnings: readonly string[]): Promise<void> {
  const sources = await SourceFinder.create(options, session.client, session.surroundings);
  if (session.closed) {
    await sources.dispose();
    throw new Cancelled();
  }
  session.sources = sources;
  session.options = options;
  session.phase = "launching";
  for (const warning of warnings) session.output("important", `${warning}\n`);
}

/** The client may configure. Whose sources frames show it need not have said, and is told. */
function ready({ sources, options, wire }: SessionState): void {
  const found = sources?.map.trees.filter(({ from }) => from === "workspace") ?? [];
  if (found.length > 0 && options?.sources.prefer !== "model") {
    wire.event("acrn/checkoutsFound", { folders: found.map(({ root }) => root) });
  }
  wire.event("initialized");
}
