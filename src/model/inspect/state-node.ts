import { below, groupNode, listNode, type Node, type Scalar, valueNode } from "./node.ts";
import { cName, type Look, readState, type StateDeclaration, type StateField, stateOf, writeState } from "./state.ts";

/** Nodes made from a class's declared state. */

export interface StateNodeOptions {
  readonly path?: string;
  readonly about?: string;
  readonly get?: () => Scalar | undefined;
  readonly summary?: () => string;
  /** Fields that are shown another way, by the key of their declaration. */
  readonly instead?: { readonly [key: string]: (path: string | undefined) => Node | readonly Node[] };
  /** What is shown after the fields. */
  readonly more?: (path: string | undefined) => readonly Node[];
}

/** An object's shown fields, in the order of their declaration. */
export function stateNode(
  declaration: StateDeclaration,
  object: object,
  name: string,
  options: StateNodeOptions = {},
): Node {
  const { path, about, get, summary, instead = {}, more } = options;
  const { type } = declaration.options;
  const fields = (): Node[] => {
    const nodes: Node[] = [];
    for (const [key, field] of Object.entries(declaration.fields)) {
      if (Object.hasOwn(instead, key)) nodes.push(...[instead[key](path)].flat());
      else nodes.push(...fieldNodes(object, key, field, path));
    }
    if (more !== undefined) nodes.push(...more(path));
    return nodes;
  };
  return {
    ...groupNode(name, fields, { path, type, about: about ?? declaration.options.about }),
    ...(get === undefined ? {} : { get }),
    ...(summary === undefined ? {} : { summary }),
  };
}

function fieldNodes(owner: object, key: string, field: StateField, path: string | undefined): Node[] {
  const { look, record } = field;
  const name = look?.name ?? cName(key);
  const at = below(path, name);
  if (record !== undefined) {
    const inner = readState(owner, key, field) as object;
    const nodes = (from: string | undefined): Node[] =>
      Object.entries(record).flatMap(([name, part]) => fieldNodes(inner, name, part, from));
    if (look === undefined) return nodes(path);
    const { about, summary } = look;
    const short = summary === undefined ? {} : { summary: () => summary(inner as never) };
    return [groupNode(name, () => nodes(at), { path: at, about, ...short })];
  }
  if (look === undefined) return [];
  if (look.as === undefined) {
    const value = readState(owner, key, field);
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return [bytesNode(name, at, value, look)];
    const declaration = typeof value === "object" && value !== null ? stateOf(value) : undefined;
    if (declaration !== undefined)
      return [stateNode(declaration, value as object, name, { path: at, about: look.about })];
  }
  return [scalarNode(owner, key, field, look, name, at)];
}

function scalarNode(
  owner: object,
  key: string,
  field: StateField,
  look: Look,
  name: string,
  path: string | undefined,
): Node {
  const { about, hex, names, bits, memory, as } = look;
  const read = (): Scalar | undefined => {
    const value = readState(owner, key, field);
    return as === undefined ? (value as Scalar | undefined) : as(value as never);
  };
  const reference = (): string | undefined => {
    const value = readState(owner, key, field);
    return typeof value === "number" ? `${memory}:0x${value.toString(16)}` : undefined;
  };
  const set = (value: bigint): void => {
    const isFlag = typeof readState(owner, key, field) === "boolean";
    writeState(owner, key, field, isFlag ? value !== 0n : Number(value));
  };
  return valueNode(name, read, {
    ...(path === undefined ? {} : { path }),
    about,
    ...(hex === undefined ? {} : { hex }),
    ...(names === undefined ? {} : { names }),
    ...(memory === undefined ? {} : { memory: reference }),
    ...(bits === undefined ? {} : { bits, set }),
  });
}

function bytesNode(name: string, path: string | undefined, bytes: ArrayBufferView, { about }: Look): Node {
  const elements = bytes as Uint8Array;
  return listNode(
    name,
    path,
    () => elements.length,
    (index, label, at) => valueNode(label, () => elements[index], { path: at }),
    { about },
  );
}
