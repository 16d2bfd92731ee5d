import { isNode, type Node } from "../inspect/node.ts";
import type { CompletionRecord, CompletionsRequest } from "../protocol/debug.ts";
import { evaluateContainer, functionNames } from "./expression/evaluate.ts";
import { parseExpression } from "./expression/parse.ts";
import { type FrameScope, focusNames } from "./frame-scope.ts";
import type { MachineTree } from "./machine-tree.ts";
import { DebugError } from "./target.ts";

const MAX_COMPLETIONS = 200;
/** What stands before the cursor: a path that ends with a dot, and the beginning of a name. */
const TAIL = /((?:[A-Za-z_]\w*(?:\[[^[\]]*\])*\.)*)([A-Za-z_]\w*)?$/;

/** Names that may go on where the cursor is. */
export function completions(request: CompletionsRequest, scope: FrameScope, tree: MachineTree): CompletionRecord[] {
  const before = request.text.slice(0, Math.max(0, request.column));
  const [, path = "", beginning = ""] = TAIL.exec(before.slice(-1000)) ?? [];
  const start = Math.max(0, Math.min(request.column, request.text.length)) - beginning.length;
  const locals = new Set(path === "" ? scope.locals.map(({ name }) => name) : []);
  const isLocal = ({ label }: Candidate): boolean => locals.has(label);
  const candidates = path === "" ? names(scope, tree) : fieldsOf(path.slice(0, -1), scope);
  const wanted = beginning.toLowerCase();
  return candidates
    .filter(({ label }) => label.toLowerCase().startsWith(wanted))
    .slice(0, MAX_COMPLETIONS)
    .map((candidate) => ({
      ...candidate,
      rank: isLocal(candidate) ? 0 : RANKS[candidate.kind],
      start,
      length: beginning.length,
    }));
}

type Candidate = Pick<CompletionRecord, "label" | "kind" | "about">;

/** Fields and values first, the enumerators of everything last. */
const RANKS = { field: 0, value: 1, function: 2, enum: 3 } as const;

function names(scope: FrameScope, tree: MachineTree): Candidate[] {
  const values = scope.locals.map((node): Candidate => ({ label: node.name, kind: "value", about: node.about }));
  const roots = [...focusNames, ...tree.names]
    .filter((name) => !values.some(({ label }) => label === name))
    .map((label): Candidate => ({ label, kind: "value", about: undefined }));
  const functions = functionNames.map(
    (label): Candidate => ({
      label,
      kind: "function",
      about: "unsigned value at a guest-physical address, or a kernel's pointer",
    }),
  );
  const enums = Object.entries(scope.enumerations.all).flatMap(([name, enumerators]) => [
    { label: name, kind: "enum", about: undefined } as const,
    ...Object.keys(enumerators).map(
      (label): Candidate => ({ label, kind: "enum", about: `${name}: ${enumerators[label]}` }),
    ),
  ]);
  const seen = new Set<string>();
  return [...values, ...roots, ...functions, ...enums].filter(({ label }) => !seen.has(label) && seen.add(label));
}

function fieldsOf(path: string, scope: FrameScope): Candidate[] {
  const enumeration = scope.enumerations.get(path);
  if (enumeration !== undefined) {
    return Object.entries(enumeration).map(([label, value]) => ({ label, kind: "enum", about: String(value) }));
  }
  let value: unknown;
  try {
    value = evaluateContainer(parseExpression(path), scope);
  } catch (error) {
    if (error instanceof DebugError) return [];
    throw error;
  }
  const fields: readonly Node[] = isNode(value) ? ((value as Node).fields?.() ?? []) : [];
  return fields
    .filter(({ name }) => /^[A-Za-z_]/.test(name))
    .map(({ name, about }) => ({ label: name, kind: "field", about }));
}
