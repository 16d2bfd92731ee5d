import type { Chain } from "./chain.ts";
import type { ContextKind } from "./context-kinds.ts";

/** The four layers of the chain, outermost guest first. */
export type Layer = "guest" | "hypervisor" | "service-vm" | "device-model";

/** How a recorded number is shown: plain, hexadecimal, or by the name an enumeration in `abi/` gives it. */
export type ValueFormat = "dec" | "hex" | "bool" | { readonly [value: number]: string };

/** What of the chain's state a number is: the state of an I/O request's slot, or how far a ring is. */
export type ValueRole = "slotState" | "availIdx" | "lastAvail" | "usedIdx";

/** A number that pictures show beside the function, wherever it is entered. */
export interface StateValue {
  readonly as: ValueFormat;
  readonly role: ValueRole;
}

/**
 * What a machine must have that the function can be entered at all. modernTransport: a device behind it. polling: devices that
 * are polled. caller: anybody who calls it.
 */
export type StationNeed = "iothread" | "irqfd" | "asyncio" | "polling" | "modernTransport" | "caller";

/** What is known of one function of the real chain, apart from its behaviour. */
export interface StationInfo {
  /** Path inside `repository`. */
  readonly file: string;
  /** Only where it differs from the layer's own repository. */
  readonly repository?: string;
  /** The contexts the function runs in on a real machine. */
  readonly contexts: readonly ContextKind[];
  /** One sentence: what the function does. */
  readonly about: string;
  /** Names and formats of the numbers recorded when the function is entered, at most {@link MAX_VALUES}. */
  readonly values?: { readonly [name: string]: ValueFormat | StateValue };
  readonly needs?: StationNeed;
  /** Body of a thread or loop: it never returns, so for a step out what it calls is as far out as one can get. */
  readonly endless?: true;
  /** Other names the function has, or had, in other versions of the sources. */
  readonly aliases?: readonly string[];
  /** Fields and variables through which it is called, besides those that lead to others of its layer as well. */
  readonly pointers?: readonly string[];
}

export interface Station extends Omit<StationInfo, "values"> {
  /** The C function's name. */
  readonly id: string;
  readonly layer: Layer;
  readonly repository: string;
  readonly values: { readonly [name: string]: ValueFormat };
  /** Which of the values tell a state, and which one. */
  readonly roles?: { readonly [name: string]: ValueRole };
  /** Tells the values; set where the function is written, before any machine is made. */
  tell?: Tell;
  /** What is left of it when what it called has come back with that status; of a function that can be parked. */
  after?: After;
}

/** Goes on behind the call that was parked; answers a status, or that it waits on. */
export type After<A = never, B = never> = (a: A, b: B, status: number) => number;

/** Gives the numbers a station records, from the arguments it is entered with. */
export type Tell<A = never, B = never, C = never, D = never> = (emit: Emit, a: A, b: B, c: C, d: D) => void;

/** Numbers a hop can carry. */
export const MAX_VALUES = 6;

/** Adds layer and repository to a table of stations; the table's keys are the C names. */
export function defineStations<K extends string>(
  layer: Layer,
  repository: string,
  table: { readonly [id in K]: StationInfo },
): { readonly [id in K]: Station } {
  const stations = {} as { [id in K]: Station };
  for (const id of Object.keys(table) as K[]) {
    const info: StationInfo = table[id];
    const values: Record<string, ValueFormat> = {};
    const roles: Record<string, ValueRole> = {};
    for (const [name, value] of Object.entries(info.values ?? {})) {
      values[name] = isStateValue(value) ? value.as : value;
      if (isStateValue(value)) roles[name] = value.role;
    }
    if (Object.keys(values).length > MAX_VALUES) throw new Error(`station ${id}: more than ${MAX_VALUES} values`);
    stations[id] = { repository, ...info, values, ...(Object.keys(roles).length > 0 ? { roles } : {}), id, layer };
  }
  return stations;
}

const isStateValue = (value: ValueFormat | StateValue): value is StateValue =>
  typeof value === "object" && "role" in value;

/** Everything the chain passes through knows the chain of its machine. */
export interface OnChain {
  readonly chain: Chain;
}

/** Receives the numbers a station records, in the order its `values` declare them. */
export type Emit = (a?: number, b?: number, c?: number, d?: number, e?: number, f?: number) => void;
