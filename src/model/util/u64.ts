const HIGH = 2 ** 32;

/** A little-endian 64-bit field as a number: exact up to 2^53, beyond that merely large. */
export function readU64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * HIGH;
}

/** Writes a number below 2^64 as a little-endian 64-bit field. */
export function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / HIGH), true);
}
