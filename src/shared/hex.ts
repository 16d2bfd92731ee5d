/** Bytes in hexadecimal, as they are shown in documents, views and messages. */

const IN_A_ROW = 16;
/** A gap in the middle helps to count. */
const HALF = 8;

/** "0x1f"; `digits` at least. */
export const hex = (value: number | bigint, digits = 1): string => `0x${value.toString(16).padStart(digits, "0")}`;

/** Two digits each, a blank between them. */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Sixteen bytes a line: address, digits, and the characters that are ASCII. */
export function hexDump(address: bigint | number, bytes: Uint8Array): string {
  const first = BigInt(address);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += IN_A_ROW) {
    const row = bytes.subarray(at, at + IN_A_ROW);
    const [left, right] = [row.subarray(0, HALF), row.subarray(HALF)].map((half) =>
      hexBytes(half).padEnd(3 * HALF - 1),
    );
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${(first + BigInt(at)).toString(16).padStart(8, "0")}  ${left}  ${right}  ${text}`);
  }
  return lines.join("\n");
}
