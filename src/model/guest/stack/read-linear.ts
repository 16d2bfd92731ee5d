import type { GuestMemory } from "../../doors/guest.ts";
import { type PagingState, translate } from "./page-tables.ts";

const PAGE = 4096;

/** A copy of `count` bytes at a linear address, or undefined where one of them is not mapped to RAM. */
export function readLinear(
  memory: GuestMemory,
  paging: PagingState,
  address: number,
  count: number,
): Uint8Array | undefined {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count; ) {
    const at = address + done;
    const length = Math.min(PAGE - (at % PAGE), count - done);
    const physical = translate(memory, paging, at);
    if (physical === undefined || physical + length > memory.size) return undefined;
    bytes.set(memory.bytes.subarray(physical, physical + length), done);
    done += length;
  }
  return bytes;
}
