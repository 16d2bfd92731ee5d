import type { Names } from "../abi/struct.ts";
import type { ValueFormat } from "../chain/station.ts";
import { hasChildren, type Node, type Scalar } from "./node.ts";

export const toHex = (value: number | bigint): string =>
  value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;

/** A declared name: an enumerator, or the set bits joined by `|` with the rest in hexadecimal. */
export function nameOf(names: Names, value: number | bigint): string | undefined {
  const number = Number(value);
  if (names.bits !== true) return names.names[number];
  let rest = BigInt(value);
  const set: string[] = [];
  for (const bit of Object.keys(names.names)) {
    const mask = BigInt(bit);
    if ((rest & mask) !== mask) continue;
    set.push(names.names[Number(bit)]);
    rest &= ~mask;
  }
  if (set.length === 0) return undefined;
  return rest === 0n ? set.join("|") : `${set.join("|")}|${toHex(rest)}`;
}

export interface Style {
  readonly hex: boolean;
  /** Only the value: for the clipboard and log points. */
  readonly plain: boolean;
}
export const normalStyle: Style = { hex: false, plain: false };

/** `PENDING (0)`, `0x2010 (8208)`, `17`, `"text"`. */
export function formatScalar(value: Scalar, node: Pick<Node, "names" | "hex">, style: Style): string {
  if (typeof value === "string") return style.plain ? value : JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" && !Number.isInteger(value)) return String(value);
  const hexFirst = style.hex || node.hex === true;
  const number = hexFirst ? toHex(value) : String(value);
  const name = node.names === undefined ? undefined : nameOf(node.names, value);
  if (name !== undefined) return style.plain ? name : `${name} (${number})`;
  return hexFirst && !style.hex && !style.plain ? `${number} (${value})` : number;
}

/** A node in one line. */
export function formatNode(node: Node, style: Style): string {
  const value = node.get?.();
  const summary = node.summary?.();
  if (value === undefined) return summary ?? (hasChildren(node) ? "{…}" : "(not there)");
  const text = formatScalar(value, node, style);
  return summary === undefined || style.plain ? text : `${text} ${summary}`;
}

/** How a station's declared format shows a value. */
export function formatOf(format: ValueFormat): Pick<Node, "names" | "hex" | "type"> {
  if (typeof format === "object") return { names: { names: format }, type: "enum" };
  return { hex: format === "hex", type: format === "bool" ? "bool" : "number" };
}

/** Bytes as text, what is not printable as a dot. */
export function previewBytes(bytes: Uint8Array, length = 48): string {
  let text = "";
  for (const byte of bytes.subarray(0, length)) {
    if (byte === 0x0a) text += "\\n";
    else if (byte === 0x0d) text += "\\r";
    else text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
  }
  return bytes.length > length ? `"${text}"…` : `"${text}"`;
}
