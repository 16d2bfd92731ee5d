import { format, h } from "../dom.ts";
import type { Hop, Strings } from "../messages.ts";
import { duration } from "./layout.ts";

/** Everything that is known of one hop. */
export function details(
  strings: Strings,
  hops: readonly Hop[],
  index: number,
  about: string | undefined,
  open: (station: string) => void,
): HTMLElement[] {
  const hop = hops[index];
  const caller = hop.caller === null ? undefined : hops[hop.caller];
  const cause = hop.cause === null ? undefined : hops[hop.cause];
  const row = (name: string, value: string | Node): HTMLElement[] => [h("dt", {}, name), h("dd", {}, value)];
  return [
    h("h2", {}, hop.station),
    h("p", {}, about ?? (hop.layer === "guest" ? strings.guestFunction : strings.noAbout)),
    h("button", { type: "button", onclick: () => open(hop.station) }, strings.openSource),
    h(
      "dl",
      {},
      ...row(strings.context, `${hop.context} (${strings[hop.layer] ?? hop.layer})`),
      ...row(strings.time, format(strings.afterKick, duration(hop.t_ns))),
      ...(caller === undefined ? [] : row(strings.calledBy, caller.station)),
      ...(cause === undefined
        ? []
        : row(strings.wokenByLabel, format(strings.stationIn, cause.station, cause.context))),
      ...(hop.resumed ? row(strings.resumed, strings.resumedAbout) : []),
      ...Object.entries(hop.values).flatMap(([name, value]) => row(name, h("code", {}, String(value)))),
    ),
  ];
}
