import { type Field, fieldSize, readField, type Struct } from "../abi/struct.ts";
import { formatNode } from "./format.ts";
import { below, groupNode, listNode, type Node, type Scalar, valueNode } from "./node.ts";

/** Bytes a struct lies in. */
export interface Place {
  readonly view: () => DataView;
  /** Byte of `view` where the struct begins; undefined while it is nowhere. */
  readonly base: () => number | undefined;
  /** Memory reference of a byte of `view`; without it the bytes are no memory anybody else sees. */
  readonly reference?: (at: number) => string;
  /** Called after a field was changed; without it nothing may be. */
  readonly changed?: () => void;
}

/** Memory of the guest, or of the Service VM. */
export const memoryPlace = (
  space: "guest" | "service",
  view: () => DataView,
  base: () => number | undefined,
): Place => ({
  view,
  base,
  reference: (at) => `${space}:0x${at.toString(16)}`,
  changed: () => {},
});

const BITS: { readonly [type in Field["type"]]: number } = {
  u8: 8,
  u16: 16,
  u32: 32,
  u64: 64,
  i32: 32,
  i64: 64,
  bytes: 8,
};

/** Fields shown hexadecimal: addresses and masks. */
const HEX =
  /addr|gpa|pfn|mask|features|data$|_buf$|magic|bar|bios|vendor|^device$|subvend|ptr$|info$|^value$|^(lo|hi)$/;

export interface StructOptions {
  readonly path?: string;
  /** Which fields are shown. */
  readonly only?: (name: string) => boolean;
  /** Fields that are shown another way. */
  readonly override?: { readonly [name: string]: (node: Node) => Node };
  readonly get?: () => Scalar | undefined;
  readonly summary?: () => string;
}

/** A declared layout at a place. */
export function structNode(name: string, struct: Struct, place: Place, options: StructOptions = {}): Node {
  const { path, only, override, get, summary } = options;
  const shows = (key: string): boolean => only === undefined || only(key);
  const make = (key: string): Node => {
    const node = fieldNode(key, struct.fields[key], place, below(path, key));
    return override?.[key]?.(node) ?? node;
  };
  const fields = (): Node[] => Object.keys(struct.fields).filter(shows).map(make);
  return groupNode(name, fields, {
    path,
    get,
    field: (key) => (Object.hasOwn(struct.fields, key) && shows(key) ? make(key) : undefined),
    type: `struct ${struct.name}`,
    about: struct.source,
    summary: summary ?? (() => (place.base() === undefined ? "(not there)" : inOneLine(fields()))),
    memory: () => referenceOf(place, 0),
  });
}

const LINE_FIELDS = 6;

function inOneLine(fields: readonly Node[]): string {
  const shown = fields.filter(({ get }) => get !== undefined).slice(0, LINE_FIELDS);
  return `{${shown.map((field) => `${field.name} ${formatNode(field, { hex: false, plain: true })}`).join(", ")}}`;
}

function referenceOf(place: Place, offset: number): string | undefined {
  const base = place.base();
  return base === undefined ? undefined : place.reference?.(base + offset);
}

function inside(place: Place, field: Field): number | undefined {
  const base = place.base();
  if (base === undefined) return undefined;
  return base + field.offset >= 0 && base + field.offset + fieldSize(field) <= place.view().byteLength
    ? base
    : undefined;
}

/** One field; several elements become a list. */
export function fieldNode(name: string, field: Field, place: Place, path: string | undefined): Node {
  const { count = 1 } = field;
  const hex = HEX.test(name);
  if (count === 1) return elementNode(name, field, place, { path, hex, index: 0 });
  return listNode(
    name,
    path,
    () => (inside(place, field) === undefined ? 0 : count),
    (index, label, at) => elementNode(label, field, place, { path: at, hex, index }),
    { about: field.about, type: `${field.type}[${count}]`, memory: () => referenceOf(place, field.offset) },
  );
}

interface Element {
  readonly path: string | undefined;
  readonly hex: boolean;
  readonly index: number;
}

function elementNode(name: string, field: Field, place: Place, { path, hex, index }: Element): Node {
  const bits = BITS[field.type];
  const offset = field.offset + (index * bits) / 8;
  const extra = {
    path,
    bits,
    type: field.type === "bytes" ? "u8" : field.type,
    about: field.about,
    names: field.values,
    hex,
    memory: () => referenceOf(place, offset),
  };
  const get = (): Scalar | undefined => {
    const base = inside(place, field);
    if (base === undefined) return undefined;
    const value = readField(place.view(), base, field, index);
    return typeof value === "bigint" && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  };
  if (place.changed === undefined || field.access === "ro") return valueNode(name, get, extra);
  const set = (value: bigint): void => {
    const base = inside(place, field);
    if (base === undefined) throw new RangeError(`${name} does not exist now`);
    writeUnsigned(place.view(), base + offset, bits, value);
    place.changed?.();
  };
  return valueNode(name, get, { ...extra, set });
}

/** Little-endian, `bits` a multiple of 8. */
function writeUnsigned(view: DataView, at: number, bits: number, value: bigint): void {
  for (let i = 0; i < bits / 8; i++) view.setUint8(at + i, Number((value >> BigInt(8 * i)) & 0xffn));
}
