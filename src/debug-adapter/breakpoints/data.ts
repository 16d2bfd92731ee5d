import type { DataInfoRequest } from "../../model/protocol/debug.ts";
import { messageOf } from "../../shared/message-of.ts";
import { arrayOf, boolean, integer, object, optional, string } from "../check.ts";
import { RequestError } from "../request-error.ts";
import type { Handlers } from "../requests.ts";
import { frame } from "../stack.ts";
import { ruleFields, rulesOf } from "./rules.ts";
import { EVERYTHING } from "./store.ts";

const infoArguments = object({
  variablesReference: optional(integer(0)),
  name: string,
  frameId: optional(integer(0)),
  bytes: optional(integer(1, 4096)),
  asAddress: optional(boolean),
});
const setArguments = object({
  breakpoints: arrayOf(object({ dataId: string, accessType: optional(string), ...ruleFields })),
});

/** Breakpoints on values: fields of the state between the layers, variables, ranges of guest memory. */
export const dataBreakpoints = {
  async dataBreakpointInfo(args, { session }) {
    session.stopped("dataBreakpointInfo");
    const request = infoRequest(args);
    // What cannot be watched is an answer, not an error.
    const info = await session.ask("dataInfo", request).catch((error: unknown) => ({
      dataId: undefined,
      description: messageOf(error),
      accessTypes: [],
    }));
    return {
      dataId: info.dataId ?? null,
      description: info.description,
      accessTypes: info.accessTypes,
      canPersist: false,
    };
  },

  async setDataBreakpoints(args, { session }) {
    const { breakpoints } = setArguments(args, "setDataBreakpoints");
    const ids = session.breakpoints.idsOf(
      "data",
      breakpoints.map(({ dataId }) => dataId),
    );
    const wanted = breakpoints.map((item, index) => ({
      id: ids[index],
      dataId: item.dataId,
      isWrite: (item.accessType ?? "write") === "write",
      ...rulesOf(item),
    }));
    session.breakpoints.data = wanted.filter(({ isWrite }) => isWrite).map(({ isWrite: _, ...rest }) => rest);
    const refused = await session.breakpoints.arm(session);
    return {
      breakpoints: wanted.map(({ id, isWrite }) => {
        const problem = isWrite ? (refused.get(id) ?? refused.get(EVERYTHING))?.message : "only writes can be watched";
        return { id, verified: problem === undefined, ...(problem === undefined ? {} : { message: problem }) };
      }),
    };
  },
} satisfies Handlers;

function infoRequest(args: unknown): DataInfoRequest {
  const { variablesReference, name, frameId, bytes, asAddress } = infoArguments(args, "dataBreakpointInfo");
  if (asAddress || bytes !== undefined) {
    if (variablesReference) throw new RequestError("dataBreakpointInfo: bytes need an address, not a variable");
    return { memoryReference: name, bytes: bytes ?? 1 };
  }
  const inFrame = frameId === undefined ? {} : { frame: frame.fromClient(frameId) };
  return variablesReference ? { reference: variablesReference, name, ...inFrame } : { expression: name, ...inFrame };
}
