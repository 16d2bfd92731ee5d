import type { Names } from "../abi/struct.ts";

export type Scalar = number | bigint | boolean | string;

/**
 * Something a debugger can show: a value, or a group of them, or both (a queue is its number and has fields). Values
 * are read when they are asked for; nothing here changes the machine except `set`.
 */
export interface Node {
  readonly name: string;
  readonly type?: string;
  /** What it means, units included. */
  readonly about?: string;
  /** Expression that gives it without any frame. */
  readonly path?: string;
  /** Undefined while it does not exist. */
  readonly get?: () => Scalar | undefined;
  readonly names?: Names;
  /** Shown hexadecimal in the first place. */
  readonly hex?: boolean;
  /** Where its bytes are, or what it points to, as a memory reference. */
  readonly memory?: () => string | undefined;
  /** Takes whole numbers below `2 ** bits`. */
  readonly bits?: number;
  readonly set?: (value: bigint) => void;
  /** Stands for a group that has no value of its own. */
  readonly summary?: () => string;
  readonly fields?: () => readonly Node[];
  /** One of `fields`, without making the others. */
  readonly field?: (name: string) => Node | undefined;
  readonly elements?: { readonly count: () => number; readonly at: (index: number) => Node };
}

export const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** Path of a field below a node. */
export const below = (path: string | undefined, name: string): string | undefined =>
  path === undefined ? undefined : `${path}.${name}`;

export const hasChildren = (node: Node): boolean => node.fields !== undefined || node.elements !== undefined;

/** The child of that name: a field, or an element by its number in brackets. */
export function childOf(node: Node, name: string): Node | undefined {
  const index = /^\[(\d+)\]$/.exec(name)?.[1];
  if (index !== undefined) return elementOf(node, Number(index));
  return node.field === undefined ? node.fields?.().find((field) => field.name === name) : node.field(name);
}

export function elementOf(node: Node, index: number): Node | undefined {
  const { elements } = node;
  return elements !== undefined && index < elements.count() ? elements.at(index) : undefined;
}

type Extra = Omit<Node, "name" | "get">;

export const valueNode = (name: string, get: () => Scalar | undefined, extra: Extra = {}): Node => ({
  name,
  get,
  ...extra,
});

export const groupNode = (
  name: string,
  fields: () => readonly Node[],
  extra: Omit<Node, "name" | "fields"> = {},
): Node => ({
  name,
  fields,
  ...extra,
});

/** A list whose elements are found by number; `at` makes the element with its name and path. */
export function listNode(
  name: string,
  path: string | undefined,
  count: () => number,
  at: (index: number, name: string, path: string | undefined) => Node,
  extra: Omit<Node, "name" | "path" | "elements"> = {},
): Node {
  const element = (index: number): Node =>
    at(index, `[${index}]`, path === undefined ? undefined : `${path}[${index}]`);
  return { name, path, elements: { count, at: element }, summary: () => `${count()} elements`, ...extra };
}
