import { MAX_MEMORY_BYTES } from "../model/protocol/looking.ts";
import { boolean, integer, object, optional, refuse, string } from "./check.ts";
import type { Handlers } from "./requests.ts";
import { invalidate } from "./variables.ts";

const readArguments = object({ memoryReference: string, offset: optional(integer()), count: integer(0) });
const writeArguments = object({
  memoryReference: string,
  offset: optional(integer()),
  allowPartial: optional(boolean),
  data: string,
});

export const memory = {
  async readMemory(args, { session }) {
    const { memoryReference, offset, count } = readArguments(args, "readMemory");
    session.stopped("readMemory");
    const { address, bytes, unreadable } = await session.ask("readMemory", {
      memoryReference,
      offset,
      count: Math.min(count, MAX_MEMORY_BYTES),
    });
    // A client asks for what is not delivered once more, or takes it for unreadable when it is told so.
    return {
      address: `0x${address.toString(16)}`,
      data: Buffer.from(bytes).toString("base64"),
      ...(unreadable > 0 ? { unreadableBytes: unreadable } : {}),
    };
  },

  async writeMemory(args, call) {
    const { session } = call;
    const { memoryReference, offset, data } = writeArguments(args, "writeMemory");
    session.stopped("writeMemory");
    const bytes = decodeBase64(data, "writeMemory.data");
    session.ahead.void();
    const bytesWritten = await session.ask("writeMemory", { memoryReference, offset, bytes });
    call.afterwards(() => invalidate(session));
    return { offset: 0, bytesWritten };
  },
} satisfies Handlers;

/** Node's decoder passes over what is not base64; here that is an error. */
export function decodeBase64(text: string, place: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return refuse(place, "base64", text);
  return new Uint8Array(Buffer.from(text, "base64"));
}
