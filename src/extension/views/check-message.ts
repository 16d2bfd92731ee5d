import type { Boot, FromChain, FromVirtqueue } from "../../webview/messages.ts";

/** What a webview posts is untrusted: only messages of exactly the expected shape pass, everything else is undefined. */

/** As many bytes as the adapter reads at once. */
export const MAX_OPEN_BYTES = 1024 * 1024;

type Fields = { readonly [name: string]: unknown };

const fieldsOf = (raw: unknown): Fields => (typeof raw === "object" && raw !== null ? (raw as Fields) : {});

const isInteger = (value: unknown, high: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= high;

/** The name of a C function, as compilers write it: "file_tty_write.constprop.0". */
const isFunction = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z_][A-Za-z0-9_.]{0,199}$/.test(value);

const bootOf = ({ type, stop }: Fields): Boot | undefined =>
  type === "boot" && typeof stop === "boolean" ? { type, stop } : undefined;

const isQueue = ({ slot, queue }: Fields): boolean => isInteger(slot, 31) && isInteger(queue, 65_535);

export function checkFromChain(raw: unknown): FromChain | undefined {
  const message = fieldsOf(raw);
  const { type, station, on, slot, queue } = message;
  if (type === "ready") return { type };
  if (type === "openSource" && isFunction(station)) return { type, station };
  if (type === "record" && typeof on === "boolean") return { type, on };
  if (type === "showVirtqueue" && isQueue(message)) return { type, slot: slot as number, queue: queue as number };
  return bootOf(message);
}

export function checkFromVirtqueue(raw: unknown): FromVirtqueue | undefined {
  const message = fieldsOf(raw);
  const { type, slot, queue, memoryReference, count } = message;
  if (type === "ready") return { type };
  if (type === "select" && isQueue(message)) return { type, slot: slot as number, queue: queue as number };
  if (
    type !== "openMemory" ||
    typeof memoryReference !== "string" ||
    !/^guest:0x[0-9a-f]{1,13}$/.test(memoryReference)
  ) {
    return bootOf(message);
  }
  // A descriptor may claim up to 4 GiB.
  return isInteger(count, 2 ** 32 - 1) ? { type, memoryReference, count: Math.min(count, MAX_OPEN_BYTES) } : undefined;
}
