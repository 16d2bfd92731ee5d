/**
 * Binary layouts as data: one declaration of a register block, ring or ABI struct feeds the code that uses it, the
 * decoder, the variables view and the reference documentation. All values are little-endian.
 */

export type FieldType = "u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "bytes";
export type Access = "rw" | "ro" | "wo";

/** Names for the values of a field, or for its bits when `bits` is set. */
export interface Names {
  readonly bits?: boolean;
  readonly names: { readonly [value: number]: string };
}

export interface Field {
  readonly offset: number;
  readonly type: FieldType;
  /** Bytes of a "bytes" field, elements of any other; default 1. */
  readonly count?: number;
  readonly access?: Access;
  /** What it means, units included. */
  readonly about: string;
  readonly values?: Names;
}

export interface Struct<F extends string = string> {
  /** Name in the C source. */
  readonly name: string;
  readonly size: number;
  /** Where it is declared: repository path or section of a specification. */
  readonly source: string;
  readonly fields: { readonly [name in F]: Field };
  /** Byte offset of a field. */
  readonly at: { readonly [name in F]: number };
}

const SIZES: { readonly [type in FieldType]: number } = { u8: 1, u16: 2, u32: 4, u64: 8, i32: 4, i64: 8, bytes: 1 };

/** Bytes a field covers. */
export function fieldSize(field: Field): number {
  return SIZES[field.type] * (field.count ?? 1);
}

/** Declares a layout; throws when a field lies outside of it. */
export function defineStruct<F extends string>(
  name: string,
  size: number,
  source: string,
  fields: { readonly [name in F]: Field },
): Struct<F> {
  const at = {} as { [name in F]: number };
  for (const key of Object.keys(fields) as F[]) {
    const field: Field = fields[key];
    if (field.offset + fieldSize(field) > size) throw new RangeError(`${name}.${key} ends outside its ${size} bytes`);
    at[key] = field.offset;
  }
  return { name, size, source, fields, at };
}

/** Reads one field (or element `index` of it); 64-bit fields come as bigint. */
export function readField(view: DataView, base: number, field: Field, index = 0): number | bigint {
  const at = base + field.offset + index * SIZES[field.type];
  switch (field.type) {
    case "u8":
    case "bytes":
      return view.getUint8(at);
    case "u16":
      return view.getUint16(at, true);
    case "u32":
      return view.getUint32(at, true);
    case "i32":
      return view.getInt32(at, true);
    case "u64":
      return view.getBigUint64(at, true);
    case "i64":
      return view.getBigInt64(at, true);
  }
}

/** The name of a value: an enumerator, or the set bits joined by `|`; undefined where none is declared. */
export function valueName(field: Pick<Field, "values">, value: number): string | undefined {
  const names = field.values?.names;
  if (names === undefined) return undefined;
  if (field.values?.bits !== true) return names[value];
  const set = Object.keys(names).filter((bit) => (value & Number(bit)) !== 0);
  return set.length === 0 ? "0" : set.map((bit) => names[Number(bit)]).join("|");
}
