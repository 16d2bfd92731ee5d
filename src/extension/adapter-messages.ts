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
