import type { DebugProtocol } from "@vscode/debugprotocol";
import { arrayOf, integer, object, optional, string } from "../check.ts";
import type { Handlers } from "../requests.ts";
import type { SessionState } from "../session-state.ts";
import type { SourceFinder } from "../source-finder.ts";
import { ruleFields, rulesOf } from "./rules.ts";
import { type ClientBreakpoint, EVERYTHING, type Problem, type Problems } from "./store.ts";

const source = object({ path: optional(string), sourceReference: optional(integer()), name: optional(string) });
const wanted = object({ line: integer(0), column: optional(integer(0)), ...ruleFields });
const setArguments = object({ source, breakpoints: optional(arrayOf(wanted)) });
const locationArguments = object({ source, line: integer(0), endLine: optional(integer(0)) });

type Wanted = ReturnType<typeof wanted>;

interface Placed extends ClientBreakpoint {
  /** Where it is, in the adapter's own numbers. */
  readonly line: number;
  readonly pending: boolean;
}

/** Breakpoints on lines of C files and of the model's TypeScript. */
export const sourceBreakpoints = {
  async setBreakpoints(args, { session }) {
    const given = setArguments(args, "setBreakpoints");
    const sources = finder(session);
    const path = sources.pathOf(given.source);
    const placed = placeAll(session, path, given.breakpoints ?? []);
    const refused = await session.breakpoints.arm(session);
    if (placed.some(({ pending }) => pending)) whenIndexed(session, path, given.breakpoints ?? []);
    return { breakpoints: placed.map((item) => answer(sources, path, item, refused)) };
  },

  breakpointLocations(args, { session }) {
    const { source: file, line, endLine } = locationArguments(args, "breakpointLocations");
    const sources = finder(session);
    const { fromClient, toClient } = sources;
    const first = fromClient.line(line);
    const places = sources.map.breakpointLocations(sources.pathOf(file), first, fromClient.line(endLine ?? line));
    return { breakpoints: places.map((at) => ({ line: toClient.line(at.line), column: toClient.column(at.column) })) };
  },
} satisfies Handlers;

function placeAll(session: SessionState, path: string, items: readonly Wanted[]): Placed[] {
  const sources = finder(session);
  const lines = items.map(({ line }) => sources.fromClient.line(line));
  const keys = items.map(({ column }, index) => `${lines[index]}:${column ?? ""}`);
  const ids = session.breakpoints.idsOf(`source ${path}`, keys);
  const placed = items.map((item, index) => place(sources, path, item, lines[index], ids[index]));
  session.breakpoints.setSource(path, placed);
  return placed;
}

function place(sources: SourceFinder, path: string, item: Wanted, line: number, id: number): Placed {
  const rules = rulesOf(item);
  const at = sources.map.stationAt(path, line);
  if (at.kind === "missing") {
    return { id, rules, stations: [], line, message: at.reason, pending: at.pending === true };
  }
  const isCall = at.callees.length > 0;
  const stations = (isCall ? at.callees : [at.station]).map((station) => station.id);
  // Elsewhere the caller may be missing on the stack: in the guest, whose compiler inlines, and in other versions of the sources.
  const isKnown = isCall && at.callees.every((callee) => sources.map.isCalledBy(callee, at.station));
  const caller = isKnown ? at.station.id : undefined;
  const from = caller === undefined ? "which is called here" : "called from here";
  const message = isCall ? `stops where ${stations.join(" or ")} is entered, ${from}` : undefined;
  return { id, rules, stations, caller, line: at.line, message, pending: false };
}

function answer(
  sources: SourceFinder,
  path: string,
  { id, line, stations, message, pending }: Placed,
  refused: Problems,
): DebugProtocol.Breakpoint {
  const problem = refused.get(id) ?? refused.get(EVERYTHING);
  const text = problem?.message ?? message;
  const verified = problem === undefined && stations.length > 0;
  return {
    id,
    verified,
    line: sources.toClient.line(line),
    source: { path: sources.clientPath(path) },
    ...(text === undefined ? {} : { message: text }),
    ...(verified ? {} : { reason: pending || problem?.pending ? "pending" : "failed" }),
  };
}

/** The tree is still being indexed: places the breakpoints anew when it is, and tells the client. */
function whenIndexed(session: SessionState, path: string, items: readonly Wanted[]): void {
  const sources = finder(session);
  const before = session.breakpoints.sources.get(path);
  session.breakpoints.placing = sources.map.ready.then(async () => {
    // The client may have set others since, or have gone.
    if (session.breakpoints.sources.get(path) !== before || session.sources !== sources) return;
    const placed = placeAll(session, path, items);
    const refused = await session.breakpoints.arm(session).catch(() => new Map<number | string, Problem>());
    for (const item of placed) {
      session.wire.event("breakpoint", { reason: "changed", breakpoint: answer(sources, path, item, refused) });
    }
  });
}

/** Tells the client anew of those whose functions are in the guest. */
export function tellThoseInGuest(session: SessionState, refused: Problems): void {
  const { sources, breakpoints } = session;
  if (sources === undefined) return;
  for (const [path, placed] of breakpoints.sources) {
    for (const item of placed) {
      if (!item.stations.some((id) => sources.stations.get(id)?.layer === "guest")) continue;
      session.wire.event("breakpoint", {
        reason: "changed",
        breakpoint: answer(sources, path, { ...item, pending: false }, refused),
      });
    }
  }
}

function finder(session: SessionState): SourceFinder {
  if (session.sources === undefined) throw new Error("the session has no sources");
  return session.sources;
}
