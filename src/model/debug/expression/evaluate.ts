import type { Names } from "../../abi/struct.ts";
import { childOf, elementOf, hasChildren, isNode, type Node, type Scalar } from "../../inspect/node.ts";
import type { Enumerations } from "../enumerators.ts";
import { DebugError } from "../target.ts";
import type { BinaryOperator, Expression, UnaryOperator } from "./parse.ts";

/** Where names come from. */
export interface Scope {
  readonly enumerations: Enumerations;
  /** What a name may mean, the nearest first: a frame's value, then what the machine knows. Made as it is asked for. */
  lookUp(name: string): Iterable<Node>;
  /** What to say of a name that nobody knows, beginning with a semicolon; "" for nothing. */
  hint?(name: string): string;
  /** Reads guest-physical memory and, beyond RAM, what the guest's kernel has there; throws DebugError elsewhere. */
  readGuest(address: number, bytes: 1 | 2 | 4 | 8): bigint;
}

export type Value = Scalar | Node;

const READERS: { readonly [name: string]: 1 | 2 | 4 | 8 } = { u8: 1, u16: 2, u32: 4, u64: 8 };
export const functionNames = Object.keys(READERS);

/** The structure an expression names, for its fields. */
export const evaluateContainer = (expression: Expression, scope: Scope): Value => container(expression, scope);

/** A value where enumerators of `names` may be meant. */
export const evaluateFor = (expression: Expression, scope: Scope, names: Names | undefined): Value =>
  expression.kind === "name" && !isKnown(expression.name, scope)
    ? nameValue(expression.name, scope, names)
    : evaluate(expression, scope);

/** The value of an expression. Has no side effects; throws DebugError. */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "name":
      return nameValue(expression.name, scope, undefined);
    case "member":
      return member(expression.object, expression.field, scope);
    case "index":
      return index(expression.object, expression.index, scope);
    case "call":
      return call(expression.name, expression.args, scope);
    case "unary":
      return unary(expression.operator, scalar(evaluate(expression.operand, scope)));
    case "binary":
      return binary(expression.operator, expression.left, expression.right, scope);
    case "choice":
      return evaluate(isTrue(evaluate(expression.test, scope)) ? expression.yes : expression.no, scope);
  }
}

export const isTrue = (value: Value): boolean => {
  const plain = scalar(value);
  return plain !== 0 && plain !== 0n && plain !== false && plain !== "";
};

/** The value of a node; a number too large for one stays a bigint. */
export function scalar(value: Value): Scalar {
  if (!isNode(value)) return value;
  const plain = value.get?.();
  if (plain === undefined)
    throw new DebugError(`${value.path ?? value.name} has no value${value.get === undefined ? " of its own" : " now"}`);
  return plain;
}

/** The first meaning of a name that fits, else the first one at all. */
function meaning(name: string, scope: Scope, fits: (node: Node) => boolean): Node | undefined {
  let first: Node | undefined;
  for (const node of scope.lookUp(name)) {
    if (fits(node)) return node;
    first ??= node;
  }
  return first;
}

const isKnown = (name: string, scope: Scope): boolean => meaning(name, scope, () => true) !== undefined;

/** A name by itself. `names`: enumerators of what it is compared with, which come before those of everything. */
function nameValue(name: string, scope: Scope, names: Names | undefined): Value {
  const found = meaning(name, scope, (node) => node.get !== undefined);
  if (found !== undefined) return found;
  const own =
    names === undefined ? undefined : Object.keys(names.names).find((key) => names.names[Number(key)] === name);
  if (own !== undefined) return Number(own);
  const global = scope.enumerations.valueOf(name);
  if (typeof global === "object") throw new DebugError(global.ambiguous);
  if (global === undefined) throw new DebugError(`${name} is not known here${scope.hint?.(name) ?? ""}`);
  return global;
}

/** What has fields: a name that is a plain number in this frame may be a structure elsewhere. */
function container(expression: Expression, scope: Scope): Value {
  if (expression.kind !== "name") return evaluate(expression, scope);
  return meaning(expression.name, scope, hasChildren) ?? nameValue(expression.name, scope, undefined);
}

function member(object: Expression, field: string, scope: Scope): Value {
  if (object.kind === "name" && !isKnown(object.name, scope)) {
    const enumeration = scope.enumerations.get(object.name);
    if (enumeration !== undefined && Object.hasOwn(enumeration, field)) return enumeration[field];
    if (enumeration !== undefined) throw new DebugError(`${object.name} has no enumerator ${field}`);
  }
  const value = container(object, scope);
  const child = isNode(value) ? childOf(value, field) : undefined;
  if (child !== undefined) return child;
  const known = isNode(value) ? (value.fields?.().map(({ name }) => name) ?? []) : [];
  const hint = known.length === 0 ? "" : `; it has ${known.slice(0, 20).join(", ")}`;
  throw new DebugError(`${isNode(value) ? (value.path ?? value.name) : String(value)} has no field ${field}${hint}`);
}

function index(object: Expression, at: Expression, scope: Scope): Value {
  const value = container(object, scope);
  const number = Number(scalar(evaluate(at, scope)));
  if (!isNode(value) || value.elements === undefined)
    throw new DebugError(`${isNode(value) ? value.name : String(value)} is not a list`);
  const element = Number.isInteger(number) && number >= 0 ? elementOf(value, number) : undefined;
  if (element === undefined)
    throw new DebugError(`${value.name}[${number}]: there are ${value.elements.count()} elements`);
  return element;
}

function call(name: string, args: readonly Expression[], scope: Scope): Value {
  const bytes = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (bytes === undefined) throw new DebugError(`${name} is no function; there are ${functionNames.join(", ")}`);
  if (args.length !== 1) throw new DebugError(`${name} takes one address, ${args.length} given`);
  return normal(scope.readGuest(Number(integer(scalar(evaluate(args[0], scope)), name)), bytes));
}

function unary(operator: UnaryOperator, value: Scalar): Scalar {
  if (operator === "!") return !isTrue(value);
  const number = integer(value, operator);
  return normal(operator === "-" ? -number : operator === "~" ? ~number : number);
}

function binary(operator: BinaryOperator, left: Expression, right: Expression, scope: Scope): Scalar {
  if (operator === "&&") return isTrue(evaluate(left, scope)) && isTrue(evaluate(right, scope));
  if (operator === "||") return isTrue(evaluate(left, scope)) || isTrue(evaluate(right, scope));
  const [a, b] = operands(left, right, scope);
  switch (operator) {
    case "==":
      return equal(a, b);
    case "!=":
      return !equal(a, b);
    case "<":
      return compare(a, b, operator) < 0;
    case ">":
      return compare(a, b, operator) > 0;
    case "<=":
      return compare(a, b, operator) <= 0;
    case ">=":
      return compare(a, b, operator) >= 0;
    default:
      return normal(arithmetic(operator, integer(a, operator), integer(b, operator)));
  }
}

/** A bare name beside a value with enumerators of its own is looked up among these first. */
function operands(left: Expression, right: Expression, scope: Scope): [Scalar, Scalar] {
  const namesOf = (value: Value): Names | undefined => (isNode(value) ? value.names : undefined);
  const isFree = (expression: Expression): expression is Expression & { kind: "name" } =>
    expression.kind === "name" && !isKnown(expression.name, scope);
  if (isFree(left)) {
    const b = evaluate(right, scope);
    return [scalar(nameValue(left.name, scope, namesOf(b))), scalar(b)];
  }
  const a = evaluate(left, scope);
  const b = isFree(right) ? nameValue(right.name, scope, namesOf(a)) : evaluate(right, scope);
  return [scalar(a), scalar(b)];
}

/** Numbers and truth values by value, everything else by its text. */
function equal(a: Scalar, b: Scalar): boolean {
  if (typeof a === "string" || typeof b === "string") return String(a) === String(b);
  return Number.isInteger(Number(a)) && Number.isInteger(Number(b)) ? BigInt(a) === BigInt(b) : a === b;
}

function compare(a: Scalar, b: Scalar, operator: string): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  const difference = integer(a, operator) - integer(b, operator);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function integer(value: Scalar, operator: string): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  throw new DebugError(
    `${operator} needs whole numbers, not ${typeof value === "string" ? JSON.stringify(value) : String(value)}`,
  );
}

const MAX_SHIFT = 64n;
/** More bits than any value of the machine has. */
const MAX_BITS = 256;

function arithmetic(operator: BinaryOperator, a: bigint, b: bigint): bigint {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return BigInt.asIntN(MAX_BITS, a * b);
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
  }
  if (operator === "<<" || operator === ">>") {
    if (b < 0n || b > MAX_SHIFT) throw new DebugError(`a shift by ${b}: 0 to ${MAX_SHIFT} is possible`);
    return operator === "<<" ? BigInt.asIntN(MAX_BITS, a << b) : a >> b;
  }
  if (b === 0n) throw new DebugError("division by zero");
  return operator === "/" ? a / b : a % b;
}

const normal = (value: bigint): number | bigint =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
