import { formatNode, formatScalar, type Style } from "../inspect/format.ts";
import { childOf, hasChildren, isNode, type Node } from "../inspect/node.ts";
import { MAX_VARIABLES, type ValueRecord, type VariableRecord, type VariablesRequest } from "../protocol/looking.ts";
import { evaluateFor, type Scope, scalar, type Value } from "./expression/evaluate.ts";
import { parseExpression } from "./expression/parse.ts";
import { DebugError } from "./target.ts";

/** Longest value that is shown. */
const MAX_TEXT = 2000;

/** More than any client shows at once; one that keeps asking at the same stop must not fill the memory. */
export const MOST_REFERENCES = 20_000;

/** Hands out references to what has children; those used last hold until the machine goes on. */
export class References {
  /** In the order of their last use. */
  readonly #nodes = new Map<number, Node>();
  #next = 1;

  /** Forgets all; numbers are not used again. */
  clear(): void {
    this.#nodes.clear();
  }

  of(node: Node): number {
    if (!hasChildren(node)) return 0;
    const reference = this.#next++;
    this.#nodes.set(reference, node);
    if (this.#nodes.size > MOST_REFERENCES) {
      const [oldest] = this.#nodes.keys();
      this.#nodes.delete(oldest);
    }
    return reference;
  }

  node(reference: number): Node {
    const node = this.#nodes.get(reference);
    if (node === undefined) throw new DebugError(`there is no variables reference ${reference} (any more)`);
    this.#nodes.delete(reference);
    this.#nodes.set(reference, node);
    return node;
  }

  child(reference: number, name: string): Node {
    const node = this.node(reference);
    const child = childOf(node, name);
    if (child === undefined) throw new DebugError(`${node.name} has no child ${name}`);
    return child;
  }

  list(request: VariablesRequest): VariableRecord[] {
    const node = this.node(request.reference);
    const start = whole("start", request.start ?? 0);
    const count = Math.min(whole("count", request.count ?? 0) || MAX_VARIABLES, MAX_VARIABLES);
    const style = { hex: request.hex === true, plain: false };
    return children(node, start, count).map((child) => ({
      ...this.record(child, style),
      name: child.name,
      evaluateName: child.path,
      watchable: child.path !== undefined && child.get !== undefined,
    }));
  }

  /** A text for a person. */
  text(value: string): ValueRecord {
    return { ...NOTHING, value };
  }

  record(value: Value, style: Style): ValueRecord {
    if (!isNode(value)) {
      const text = clip(formatScalar(value, {}, style));
      return { ...NOTHING, value: text, type: typeof value === "bigint" ? "number" : typeof value };
    }
    const { type, about, fields, elements, memory } = value;
    return {
      value: clip(formatNode(value, style)),
      type,
      about,
      reference: this.of(value),
      indexed: fields === undefined ? (elements?.count() ?? 0) : 0,
      named: fields?.().length ?? 0,
      memoryReference: memory?.(),
      writable: value.set !== undefined,
    };
  }
}

const NOTHING: ValueRecord = {
  value: "",
  type: undefined,
  about: undefined,
  reference: 0,
  indexed: 0,
  named: 0,
  memoryReference: undefined,
  writable: false,
};

const clip = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

function whole(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 0)
    throw new DebugError(`${name} ${value}: expected a whole number from 0 on`);
  return value;
}

function children(node: Node, start: number, count: number): readonly Node[] {
  if (node.fields !== undefined) return node.fields().slice(start, start + count);
  const { elements } = node;
  if (elements === undefined) return [];
  const found: Node[] = [];
  for (let i = start; i < Math.min(start + count, elements.count()); i++) found.push(elements.at(i));
  return found;
}

/** Sets a node to the value of an expression. Throws DebugError when it takes none, or not this one. */
export function assign(node: Node, text: string, scope: Scope): void {
  const { set, bits = 32, name } = node;
  if (set === undefined) throw new DebugError(`${node.path ?? name} cannot be set`);
  const value = scalar(evaluateFor(parseExpression(text), scope, node.names));
  if (typeof value === "string" || (typeof value === "number" && !Number.isInteger(value))) {
    throw new DebugError(`${name} takes a whole number, "${text}" is none`);
  }
  const number = BigInt(value);
  const signed = node.type === "i32" || node.type === "i64";
  const [low, high] = signed ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(bits) - 1n];
  if (number < low || number > high) throw new DebugError(`${name} takes ${low} to ${high}, not ${number}`);
  try {
    set(BigInt.asUintN(bits, number));
  } catch (error) {
    if (error instanceof RangeError) throw new DebugError(error.message);
    throw error;
  }
}
