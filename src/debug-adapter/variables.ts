import type { DebugProtocol } from "@vscode/debugprotocol";
import type { ValueRecord, VariableRecord } from "../model/protocol/debug.ts";
import { boolean, integer, object, oneOf, optional, string } from "./check.ts";
import type { Handlers } from "./requests.ts";
import type { SessionState } from "./session-state.ts";
import { frame, frameId } from "./stack.ts";

const format = optional(object({ hex: optional(boolean) }));
const variablesArguments = object({
  variablesReference: integer(1),
  filter: optional(oneOf("indexed", "named")),
  start: optional(integer(0)),
  count: optional(integer(0)),
  format,
});
const setArguments = object({ variablesReference: integer(1), name: string, value: string, format });
const evaluateArguments = object({
  expression: string,
  frameId: optional(frameId),
  context: optional(string),
  format,
});
const completionsArguments = object({
  text: string,
  column: integer(0),
  line: optional(integer(0)),
  frameId: optional(frameId),
});

const SCOPE_HINTS: { readonly [kind: string]: string } = { locals: "locals", registers: "registers" };
const CONTEXTS = ["watch", "hover", "repl", "clipboard"] as const;
const COMPLETION_TYPES = { value: "variable", enum: "enum", field: "field", function: "function" } as const;

export const variables = {
  async scopes(args, { session }) {
    const { frameId: id } = object({ frameId })(args, "scopes");
    session.stopped("scopes");
    const asked = frame.fromClient(id);
    const scopes = session.ahead.scopes(asked) ?? (await session.ask("scopes", asked));
    return {
      scopes: scopes.map(({ name, kind, reference, expensive }) => ({
        name,
        variablesReference: reference,
        expensive,
        ...(SCOPE_HINTS[kind] === undefined ? {} : { presentationHint: SCOPE_HINTS[kind] }),
      })),
    };
  },

  async variables(args, { session }) {
    const given = variablesArguments(args, "variables");
    session.stopped("variables");
    const isPart = given.filter !== undefined || (given.start ?? 0) > 0 || (given.count ?? 0) > 0;
    const ahead = isPart || given.format?.hex ? undefined : session.ahead.variables(given.variablesReference);
    const found =
      ahead ??
      (await session.ask("variables", {
        reference: given.variablesReference,
        start: given.start,
        count: given.count,
        hex: given.format?.hex,
      }));
    return { variables: found.map((variable) => toVariable(session, variable)) };
  },

  async setVariable(args, call) {
    const { session } = call;
    const given = setArguments(args, "setVariable");
    session.stopped("setVariable");
    session.ahead.void();
    const value = await session.ask("setVariable", {
      reference: given.variablesReference,
      name: given.name,
      value: given.value,
      hex: given.format?.hex,
    });
    // One register may show in several places.
    call.afterwards(() => invalidate(session));
    return toValue(session, value);
  },

  async evaluate(args, { session }) {
    const given = evaluateArguments(args, "evaluate");
    session.stopped("evaluate");
    const value = await session.ask("evaluate", {
      expression: given.expression,
      frame: given.frameId === undefined ? undefined : frame.fromClient(given.frameId),
      // "variables" and what later versions of the protocol may add are answered as a watch.
      context: CONTEXTS.find((context) => context === given.context) ?? "watch",
      hex: given.format?.hex,
    });
    const { value: result, ...rest } = toValue(session, value);
    return { result, ...rest };
  },

  async completions(args, { session }) {
    const { text, column, line, frameId: id } = completionsArguments(args, "completions");
    session.stopped("completions");
    const sources = session.sources;
    // Only the line with the cursor is an expression.
    const lines = text.split("\n");
    const at = line === undefined ? 0 : Math.max(0, (sources?.fromClient.line(line) ?? 1) - 1);
    const base = sources?.toClient.column(1) ?? 1;
    const found = await session.ask("completions", {
      text: lines[at] ?? "",
      column: Math.max(0, column - base),
      frame: id === undefined ? undefined : frame.fromClient(id),
    });
    return {
      targets: found.map(({ label, kind, about, rank, start, length }) => ({
        label,
        sortText: `${rank}${label}`,
        type: COMPLETION_TYPES[kind],
        start: start + base,
        length,
        ...(about === undefined ? {} : { detail: about }),
      })),
    };
  },
} satisfies Handlers;

export function invalidate(session: SessionState): void {
  if (session.client.invalidated) session.wire.event("invalidated", { areas: ["variables"] });
}

function toVariable(session: SessionState, record: VariableRecord): DebugProtocol.Variable {
  return {
    name: record.name,
    ...toValue(session, record),
    ...(record.evaluateName === undefined ? {} : { evaluateName: record.evaluateName }),
    ...(record.writable || record.reference > 0 ? {} : { presentationHint: { attributes: ["readOnly"] } }),
  };
}

/** The protocol has no place for what a value means; clients show the type where one looks for it. */
function toValue(session: SessionState, record: ValueRecord) {
  const type = [record.type, record.about].filter(Boolean).join(": ");
  return {
    value: record.value,
    ...(session.client.variableType && type !== "" ? { type } : {}),
    variablesReference: record.reference,
    ...(record.indexed > 0 ? { indexedVariables: record.indexed } : {}),
    ...(record.named > 0 ? { namedVariables: record.named } : {}),
    ...(record.memoryReference === undefined ? {} : { memoryReference: record.memoryReference }),
  };
}
