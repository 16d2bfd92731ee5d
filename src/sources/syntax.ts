import type { Node } from "web-tree-sitter";
import type { Call } from "./types.ts";

/** Words that look like a called or defined function where a macro confuses the grammar. */
const KEYWORDS = new Set(["if", "for", "while", "switch", "return", "sizeof", "do", "else", "typeof", "defined"]);

/** The identifier a function definition defines, inside `*name(...)`, `(*name(...))(...)` and the like. */
export function definedName(definition: Node): Node | undefined {
  let node = definition.childForFieldName("declarator");
  let inFunction = false;
  while (node !== null && node.type !== "identifier") {
    if (node.type === "function_declarator") inFunction = true;
    node =
      node.childForFieldName("declarator") ?? (node.type === "parenthesized_declarator" ? node.namedChild(0) : null);
  }
  return inFunction && node !== null && !KEYWORDS.has(node.text) ? node : undefined;
}

/** The preprocessor conditions around a node, outermost first. A header's own guard is none. */
export function conditionsOf(node: Node): string[] {
  const conditions: string[] = [];
  let isElse = false;
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.type === "preproc_else") isElse = true;
    if (!/^preproc_(if|ifdef|elif|elifdef)$/.test(at.type)) continue;
    const { text } = at;
    const head = /^[^\n]*/.exec(text)?.[0].trim() ?? "";
    if (!isGuard(text)) conditions.unshift(isElse ? `#else of ${head}` : head);
    isElse = false;
  }
  return conditions;
}

function isGuard(text: string): boolean {
  const guard = /^#\s*ifndef\s+(\w+)\s*\n\s*#\s*define\s+(\w+)/.exec(text);
  return guard !== null && guard[1] === guard[2];
}

/** What a call names: `f` of f(), `notify` of (*vq->notify)(), `handler` of (*handler[type])(). */
export function calledName(callee: Node): { readonly call: Call; readonly index: number } | undefined {
  let node: Node | null = callee;
  let isPointer = false;
  while (node !== null && node.type !== "identifier" && node.type !== "field_identifier") {
    isPointer = true;
    if (node.type === "field_expression") node = node.childForFieldName("field");
    else if (node.type === "parenthesized_expression") node = node.namedChild(0);
    else node = node.childForFieldName("argument");
  }
  if (node === null || KEYWORDS.has(node.text)) return undefined;
  const call = { name: node.text, line: node.startPosition.row + 1, column: node.startPosition.column + 1 };
  return { call: isPointer ? { ...call, pointer: true } : call, index: node.startIndex };
}
