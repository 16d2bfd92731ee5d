import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Station } from "../../model/chain/station.ts";
import { didYouMean } from "../../model/device-model/command-line/error.ts";
import { clipped } from "../../shared/clipped.ts";
import { arrayOf, object, string } from "../check.ts";
import type { Handlers } from "../requests.ts";
import type { SessionState } from "../session-state.ts";
import { globMatches } from "./glob.ts";
import { ruleFields, rulesOf } from "./rules.ts";
import { tellThoseInGuest } from "./source.ts";
import { type ClientBreakpoint, EVERYTHING, type Problems } from "./store.ts";

const setArguments = object({ breakpoints: arrayOf(object({ name: string, ...ruleFields })) });

/** Breakpoints on functions: by C name, by the model's name, or by a pattern with * and ?, which means those of the chain. */
export const functionBreakpoints = {
  async setFunctionBreakpoints(args, { session }) {
    const { breakpoints } = setFunctions(args);
    const stations = [...(session.sources?.stations.all ?? [])];
    const named = byNames(stations);
    const names = breakpoints.map(({ name }) => name.trim());
    const ids = session.breakpoints.idsOf("function", names);
    const placed = breakpoints.map(
      (item, index): ClientBreakpoint => ({
        id: ids[index],
        rules: rulesOf(item),
        ...matching(names[index], stations, named),
      }),
    );
    session.breakpoints.functions = placed;
    const refused = await session.breakpoints.arm(session);
    return { breakpoints: placed.map((item) => answer(session, item, refused)) };
  },
} satisfies Handlers;

const setFunctions = (args: unknown) => setArguments(args, "setFunctionBreakpoints");

function answer(
  session: SessionState,
  { id, stations, guestFunctions, message }: ClientBreakpoint,
  refused: Problems,
): DebugProtocol.Breakpoint {
  const problem = refused.get(id) ?? refused.get(EVERYTHING);
  const verified = problem === undefined && (stations.length > 0 || guestFunctions !== undefined);
  // What was looked for in the guest may have been meant for the chain.
  const isOfChain = guestFunctions === undefined;
  const text =
    problem === undefined ? message : `${problem.message}${isOfChain ? "" : advice(session, guestFunctions)}`;
  return {
    id,
    verified,
    ...(stations.length === 1 ? session.sources?.placeOf(stations[0]) : undefined),
    ...(text === undefined ? {} : { message: clipped(text) }),
    ...(verified ? {} : { reason: problem?.pending ? "pending" : "failed" }),
  };
}

function advice(session: SessionState, [name]: readonly string[]): string {
  const near = didYouMean(
    name,
    (session.sources?.stations.all ?? []).map(({ id }) => id),
  );
  return near === "" ? "" : `.${near}`;
}

/** The guest's functions have names now, or others: tells the client of those it asked for which there are. */
export async function guestSymbolsChanged(session: SessionState): Promise<void> {
  const { functions } = session.breakpoints;
  const inGuest = functions.filter(
    ({ stations, guestFunctions }) =>
      guestFunctions !== undefined || stations.some((id) => session.sources?.stations.get(id)?.layer === "guest"),
  );
  if (inGuest.length === 0 && session.breakpoints.sources.size === 0) return;
  const refused = await session.breakpoints.arm(session).catch(() => undefined);
  if (refused === undefined) return;
  tellThoseInGuest(session, refused);
  if (session.breakpoints.functions !== functions) return;
  for (const item of inGuest) {
    session.wire.event("breakpoint", { reason: "changed", breakpoint: answer(session, item, refused) });
  }
}

/** The functions a name or pattern means; a name that is not the chain's may be one of the guest's kernel. */
function matching(
  name: string,
  stations: readonly Station[],
  named: ReadonlyMap<string, readonly string[]>,
): Pick<ClientBreakpoint, "stations" | "guestFunctions" | "message"> {
  if (/[*?]/.test(name)) {
    const found = stations.filter(byPattern(name)).map(({ id }) => id);
    if (found.length === 0) return { stations: [], message: `no function of the notify chain is called ${name}` };
    return { stations: found, message: `${found.length} functions: ${found.join(", ")}` };
  }
  const found = named.get(name);
  if (found === undefined) return { stations: [], guestFunctions: [name], message: undefined };
  return { stations: found, message: undefined };
}

/** The ids that a name means: of C, of the model, of an older release. */
function byNames(stations: readonly Station[]): ReadonlyMap<string, readonly string[]> {
  const named = new Map<string, string[]>();
  for (const { id, aliases = [] } of stations) {
    for (const name of new Set([id, camelCase(id), ...aliases])) {
      const ids = named.get(name);
      if (ids === undefined) named.set(name, [id]);
      else ids.push(id);
    }
  }
  return named;
}

function byPattern(pattern: string): (station: Station) => boolean {
  return ({ id, aliases }) => [id, ...(aliases ?? [])].some((name) => globMatches(pattern, name));
}

const camelCase = (id: string): string => id.replace(/(?<=[a-z0-9])_+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
