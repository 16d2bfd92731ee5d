import type { Hop } from "../chain/recorder.ts";
import type { Station, ValueFormat } from "../chain/station.ts";
import type { HopRecord } from "./protocol.ts";

/** Hops as plain data, numbered from 0 and timed from the first; references to earlier hops become null. */
export function hopRecords(hops: readonly Hop[]): HopRecord[] {
  const first = hops[0];
  if (first === undefined) return [];
  const reference = (index: number): number | null => (index >= first.index ? index - first.index : null);
  return hops.map((hop) => ({
    station: hop.station.id,
    layer: hop.station.layer,
    context: hop.context.name,
    depth: hop.depth,
    t_ns: hop.timeNs - first.timeNs,
    cause: reference(hop.cause),
    caller: reference(hop.caller),
    resumed: hop.resumed,
    values: formatValues(hop.station, hop.values),
  }));
}

/** Numbers stay numbers; where the station names them, addresses become hexadecimal and enumerators their names. */
function formatValues(station: Station, values: Readonly<Record<string, number>>): Record<string, number | string> {
  const formatted: Record<string, number | string> = {};
  for (const name of Object.keys(values)) formatted[name] = formatValue(station.values[name], values[name]);
  return formatted;
}

function formatValue(format: ValueFormat, value: number): number | string {
  if (typeof format === "object") return format[value] ?? value;
  if (format === "hex") return `0x${value.toString(16)}`;
  if (format === "bool") return value === 0 ? "false" : "true";
  return value;
}
