import { integer, object, oneOf, string } from "../check.ts";
import { decodeBase64 } from "../memory.ts";
import { STDIO_PORT } from "../protocol.ts";
import { RequestError } from "../request-error.ts";
import type { Handlers } from "../requests.ts";

const port = oneOf(STDIO_PORT);
const ackArguments = object({ port, bytes: integer(0) });
const inputArguments = object({ port, data: string });

export const consoleRequests = {
  "acrn/consoleAck"(args, { session }) {
    session.console.acknowledge(ackArguments(args, "acrn/consoleAck").bytes);
    return undefined;
  },

  async "acrn/consoleInput"(args, { session }) {
    const { data } = inputArguments(args, "acrn/consoleInput");
    if (!session.ownsConsole) {
      throw new RequestError("acrn/consoleInput: this machine has its console in the terminal in which it was started");
    }
    await session.console.input(decodeBase64(data, "acrn/consoleInput.data"));
    return undefined;
  },
} satisfies Handlers;
