import { previewBytes } from "../inspect/format.ts";
import { groupNode, type Node, valueNode } from "../inspect/node.ts";

/** A buffer or chain that a function was given: its fields, and what is in it. */
export function plainNode(value: object): Node | undefined {
  if ("iov" in value && "idx" in value) return undefined;
  if ("bytes" in value && value.bytes instanceof Uint8Array) {
    const { bytes } = value;
    const address = "address" in value ? Number(value.address) : undefined;
    const memory = address === undefined ? undefined : (): string => `guest:0x${address.toString(16)}`;
    const fields = (): Node[] => [
      valueNode("address", () => address, { hex: true, memory, about: "guest-physical" }),
      valueNode("len", () => bytes.length, { about: "bytes" }),
    ];
    return groupNode("iov", fields, { memory, type: "struct iovec", summary: () => previewBytes(bytes) });
  }
  const scalars = Object.entries(value).filter(([, field]) => typeof field === "number" || typeof field === "boolean");
  if (scalars.length === 0) return undefined;
  const fields = (): Node[] =>
    scalars.map(([name]) =>
      valueNode(name, () => (value as { [name: string]: number })[name], { hex: /addr|port|value|offset/.test(name) }),
    );
  return groupNode("access", fields);
}
