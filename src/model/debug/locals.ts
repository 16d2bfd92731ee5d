import { valuesOf } from "../chain/announce.ts";
import type { Frame } from "../chain/context.ts";
import { formatOf } from "../inspect/format.ts";
import { type Node, valueNode } from "../inspect/node.ts";
import { plainNode } from "./plain-node.ts";
import { type DebugLayer, nodeOf } from "./target.ts";

/** The values a frame's function declares, as they are now; names nobody told are left out. */
function declaredValues(frame: Frame): Node[] {
  const { values } = frame.station;
  const names = Object.keys(values);
  if (names.length === 0) return [];
  const told = valuesOf(frame);
  if (told === undefined) return [];
  return names.slice(0, told.length).map((name, i) => valueNode(name, () => told[i], formatOf(values[name])));
}

/** One declared value, without making all of them. */
function declaredValue(frame: Frame, name: string): Node | undefined {
  const format = frame.station.values[name];
  return format === undefined ? undefined : declaredValues(frame).find((node) => node.name === name);
}

/** What an argument is, if it is a structure of a layer. */
function describeArgument(layers: readonly DebugLayer[], value: unknown): Node | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return nodeOf(layers, value) ?? (Object.getPrototypeOf(value) === Object.prototype ? plainNode(value) : undefined);
}

function argumentNodes(layers: readonly DebugLayer[], frame: Frame): Node[] {
  const nodes: Node[] = [];
  for (const arg of frame.args) {
    const node = describeArgument(layers, arg);
    if (node !== undefined && !nodes.some(({ name }) => name === node.name)) nodes.push(node);
  }
  return nodes;
}

/**
 * Values and arguments of a frame; where both have a name (`vcpu` is a number and a structure) they become one, so that
 * it compares as the number and has the structure's fields.
 */
export function locals(layers: readonly DebugLayer[], frame: Frame): Node[] {
  const values = declaredValues(frame);
  const args = argumentNodes(layers, frame);
  const rest = args.filter((node) => !values.some(({ name }) => name === node.name));
  return [...values.map((value) => merged(value, args)), ...rest];
}

/** The one of that name, as `locals` has it, without making all of them. */
export function localNamed(layers: readonly DebugLayer[], frame: Frame, name: string): Node | undefined {
  const value = declaredValue(frame, name);
  const args = argumentNodes(layers, frame);
  return value === undefined ? args.find((node) => node.name === name) : merged(value, args);
}

function merged(value: Node, args: readonly Node[]): Node {
  const node = args.find(({ name }) => name === value.name);
  return node === undefined ? value : { ...node, get: value.get, names: value.names, hex: value.hex };
}
