import numbers from "@jsep-plugin/numbers";
import jsep from "jsep";
import { DebugError } from "../target.ts";

/** The expression language: a part of what jsep parses, as a tree of its own. */

jsep.plugins.register(numbers);

export type Expression =
  | { readonly kind: "literal"; readonly value: number | string | boolean }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "member"; readonly object: Expression; readonly field: string }
  | { readonly kind: "index"; readonly object: Expression; readonly index: Expression }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "choice"; readonly test: Expression; readonly yes: Expression; readonly no: Expression };

const UNARY = ["!", "~", "-", "+"] as const;
const BINARY = [
  "||",
  "&&",
  "|",
  "^",
  "&",
  "==",
  "!=",
  "<",
  ">",
  "<=",
  ">=",
  "<<",
  ">>",
  "+",
  "-",
  "*",
  "/",
  "%",
] as const;
export type UnaryOperator = (typeof UNARY)[number];
export type BinaryOperator = (typeof BINARY)[number];

/** Longest expression that is taken, and how deep it may be. */
const MAX_EXPRESSION = 1000;
const MAX_NESTING = 64;

/** Parses an expression. Throws DebugError with what is wrong and where. */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_EXPRESSION) {
    throw new DebugError(`the expression has ${text.length} characters, at most ${MAX_EXPRESSION} are taken`);
  }
  if (text.trim() === "") throw new DebugError("the expression is empty");
  let tree: jsep.Expression;
  try {
    // `->` is what people type who know C; it is no operator of any other meaning. Texts stay as they are.
    tree = jsep(text.replace(/("[^"]*"|'[^']*')|->/g, (_, quoted) => quoted ?? "."));
  } catch (error) {
    throw new DebugError(`"${text}": ${(error as Error).message}`);
  }
  return convert(tree, 0);
}

function convert(node: jsep.Expression, depth: number): Expression {
  if (depth > MAX_NESTING) throw new DebugError(`the expression is nested deeper than ${MAX_NESTING}`);
  const sub = (child: unknown): Expression => convert(child as jsep.Expression, depth + 1);
  switch (node.type) {
    case "Literal":
      return literal(node.value);
    case "Identifier":
      return { kind: "name", name: String(node.name) };
    case "MemberExpression":
      return node.computed === true
        ? { kind: "index", object: sub(node.object), index: sub(node.property) }
        : { kind: "member", object: sub(node.object), field: String((node.property as jsep.Identifier).name) };
    case "CallExpression":
      return call(node, sub);
    case "UnaryExpression":
      return { kind: "unary", operator: operator(UNARY, node.operator), operand: sub(node.argument) };
    case "BinaryExpression":
      return {
        kind: "binary",
        operator: operator(BINARY, node.operator),
        left: sub(node.left),
        right: sub(node.right),
      };
    case "ConditionalExpression":
      return { kind: "choice", test: sub(node.test), yes: sub(node.consequent), no: sub(node.alternate) };
    default:
      throw new DebugError(`${SPOKEN[node.type] ?? node.type} is not part of the expression language`);
  }
}

const SPOKEN: { readonly [type: string]: string } = {
  Compound: "more than one expression",
  SequenceExpression: "a list of expressions",
  ArrayExpression: "an array",
  ThisExpression: '"this"',
};

function literal(value: unknown): Expression {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean")
    return { kind: "literal", value };
  throw new DebugError(`${String(value)} is not part of the expression language`);
}

function call(node: jsep.Expression, sub: (child: unknown) => Expression): Expression {
  const callee = node.callee as jsep.Expression;
  if (callee.type !== "Identifier") throw new DebugError("only u8, u16, u32 and u64 can be called");
  return { kind: "call", name: String(callee.name), args: (node.arguments as unknown[]).map(sub) };
}

/** `===` is what people type who know JavaScript. */
function operator<T extends string>(known: readonly T[], given: unknown): T {
  const name = given === "===" ? "==" : given === "!==" ? "!=" : given;
  const found = known.find((candidate) => candidate === name);
  if (found === undefined) throw new DebugError(`the operator ${String(given)} is not part of the expression language`);
  return found;
}

/** Every name an expression refers to by itself, not as a field of something. */
export function namesIn(expression: Expression, into = new Set<string>()): Set<string> {
  switch (expression.kind) {
    case "name":
      into.add(expression.name);
      break;
    case "member":
      namesIn(expression.object, into);
      break;
    case "index":
      namesIn(expression.object, into);
      namesIn(expression.index, into);
      break;
    case "call":
      for (const arg of expression.args) namesIn(arg, into);
      break;
    case "unary":
      namesIn(expression.operand, into);
      break;
    case "binary":
      namesIn(expression.left, into);
      namesIn(expression.right, into);
      break;
    case "choice":
      for (const part of [expression.test, expression.yes, expression.no]) namesIn(part, into);
      break;
    case "literal":
      break;
  }
  return into;
}
