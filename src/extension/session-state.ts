/**
 * starting: the guest boots. running: it has come up. stopped: the world stands still. ended: nothing is left of it, or
 * it is going down.
 */
export type SessionState = "starting" | "running" | "stopped" | "ended";

/** Requests after which a machine runs; the protocol has no event for what the client itself has asked for. */
const RESUMING: ReadonlySet<unknown> = new Set(["continue", "next", "stepIn", "stepOut"]);

/** What the adapter says in a message that refuses to launch or to attach, undefined in all others. What the user has cancelled is no refusal. */
export function refusalOf(message: unknown): string | undefined {
  const { type, command, success, message: text } = message as { readonly [name: string]: unknown };
  const refuses = type === "response" && success === false && (command === "launch" || command === "attach");
  return refuses && text !== "cancelled" ? String(text) : undefined;
}

/** Requests by which the user changes the machine. */
const CHANGING: ReadonlySet<unknown> = new Set(["setVariable", "setExpression", "writeMemory"]);

/** Whether a message answers a request that has changed the machine. */
export function saysChanged(message: unknown): boolean {
  const { type, command, success } = message as { readonly [name: string]: unknown };
  return type === "response" && success === true && CHANGING.has(command);
}

/** The state of a machine after a message of its adapter. `attached`: it ran before the session began. */
export function stateAfter(state: SessionState, message: unknown, attached: boolean): SessionState {
  if (state === "ended") return state;
  const { type, event, command, success } = message as { readonly [name: string]: unknown };
  if (type === "response" && success === true) {
    if (RESUMING.has(command)) return "running";
    // Nobody tells how far a guest is that has been booting before; if it is stopped, that comes next.
    return attached && command === "configurationDone" ? "running" : state;
  }
  if (type !== "event") return state;
  switch (event) {
    case "stopped":
      return "stopped";
    case "continued":
      return "running";
    // A machine that is made anew, because somebody has asked for it or because the guest reboots.
    case "progressStart":
      return "starting";
    case "progressEnd":
      return state === "starting" ? "running" : state;
    case "terminated":
      return "ended";
    default:
      return state;
  }
}
