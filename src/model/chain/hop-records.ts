import type { Hop } from "./recorder.ts";
import type { Station, ValueFormat } from "./station.ts";

/** One entered function, as `acrn-virtio trace --format json` prints it. */
export interface HopRecord {
  readonly station: string;
  readonly layer: string;
  readonly context: string;
  readonly depth: number;
  /** Virtual nanoseconds since the first hop of the answer. */
  readonly t_ns: number;
  /** Index of the hop that handed over to this context; null when it was called or began by itself. */
  readonly cause: number | null;
  /** Index of the hop this one was called from; null at the bottom of a stack. */
  readonly caller: number | null;
  /** The function was already open when the hand-over woke its context. */
  readonly resumed: boolean;
  readonly values: { readonly [name: string]: number | string };
}

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
