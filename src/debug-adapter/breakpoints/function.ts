import type { Station } from "../../model/chain/station.ts";
import { didYouMean } from "../../model/device-model/command-line/error.ts";
import { arrayOf, object, string } from "../check.ts";
import type { Handlers } from "../requests.ts";
import { ruleFields, rulesOf } from "./rules.ts";
import { type ClientBreakpoint, EVERYTHING } from "./store.ts";

const setArguments = object({ breakpoints: arrayOf(object({ name: string, ...ruleFields })) });

/** Breakpoints on functions of the chain by C name, by the model's name, or by a pattern with * and ?. */
export const functionBreakpoints: Handlers = {
  async setFunctionBreakpoints(args, { session }) {
    const { breakpoints } = setFunctions(args);
    const stations = [...(session.sources?.stations.values() ?? [])];
    const placed = breakpoints.map((item): ClientBreakpoint => {
      const name = item.name.trim();
      const id = session.breakpoints.idOf("function", name);
      return { id, rules: rulesOf(item), ...matching(name, stations) };
    });
    session.breakpoints.functions = placed;
    const refused = await session.breakpoints.arm(session);
    return {
      breakpoints: placed.map(({ id, stations: found, message }) => {
        const problem = refused.get(id) ?? refused.get(EVERYTHING);
        const text = problem ?? message;
        const verified = problem === undefined && found.length > 0;
        const place = found.length === 1 ? session.sources?.placeOf(found[0]) : undefined;
        return {
          id,
          verified,
          ...place,
          ...(text === undefined ? {} : { message: text }),
          ...(verified ? {} : { reason: "failed" }),
        };
      }),
    };
  },
};

const setFunctions = (args: unknown) => setArguments(args, "setFunctionBreakpoints");

/** The stations a name or pattern means. */
export function matching(
  name: string,
  stations: readonly Station[],
): { readonly stations: readonly string[]; readonly message: string | undefined } {
  const isPattern = /[*?]/.test(name);
  const found = stations.filter(isPattern ? byPattern(name) : byName(name));
  if (found.length === 0) {
    const advice = isPattern
      ? ""
      : didYouMean(
          name,
          stations.map(({ id }) => id),
        );
    return { stations: [], message: `no function of the notify chain is called ${name}.${advice}` };
  }
  // What runs inside the guest cannot be stopped at; a pattern means the others.
  const reachable = isPattern ? found.filter(({ layer }) => layer !== "guest") : found;
  const chosen = (reachable.length > 0 ? reachable : found).map(({ id }) => id);
  return { stations: chosen, message: isPattern ? `${chosen.length} functions: ${chosen.join(", ")}` : undefined };
}

function byName(name: string): (station: Station) => boolean {
  return ({ id, aliases }) => id === name || camelCase(id) === name || (aliases?.includes(name) ?? false);
}

function byPattern(pattern: string): (station: Station) => boolean {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${text}$`);
  return ({ id, aliases }) => [id, ...(aliases ?? [])].some((name) => expression.test(name));
}

const camelCase = (id: string): string => id.replace(/(?<=[a-z0-9])_+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
