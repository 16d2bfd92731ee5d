import { RequestError } from "./request-error.ts";

/** launching: until the client has said what it wants to stop at. ended: the machine is gone, the client is not. */
export type Phase = "fresh" | "initialized" | "launching" | "live" | "ended";

/** Before the client has said what to stop at, the machine stands, or is somebody else's. */
const GOES_ON = new Set(["continue", "next", "stepIn", "stepOut", "acrn/continueToKick"]);
const ALWAYS = new Set(["cancel", "disconnect", "terminate", "restart", "threads", "acrn/consoleAck"]);

/** Throws when a request comes in a phase in which it cannot be answered. */
export function checkPhase(phase: Phase, command: string): void {
  if (phase === "fresh") {
    if (command !== "initialize") throw new RequestError(`${command}: "initialize" must come first`);
  } else if (command === "initialize") {
    throw new RequestError("initialize: this session is initialized already");
  } else if (command === "launch" || command === "attach") {
    if (phase !== "initialized") throw new RequestError(`${command}: this session has a machine already`);
  } else if (phase === "launching" && GOES_ON.has(command)) {
    throw new RequestError(`${command}: the session is not configured yet; "configurationDone" must come first`);
  } else if (!ALWAYS.has(command)) {
    if (phase === "initialized") throw new RequestError(`${command}: there is no machine yet; launch or attach first`);
    if (phase === "ended") throw new RequestError(`${command}: the machine has ended; restart or disconnect`);
  }
}
