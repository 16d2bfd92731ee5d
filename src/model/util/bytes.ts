/** Puts pieces behind each other. `total`: their length in all, where it is known. */
export function concat(
  parts: readonly Uint8Array[],
  total = parts.reduce((sum, { length }) => sum + length, 0),
): Uint8Array {
  const result = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/**
 * Where the bytes of a text (characters below 256) begin in others, at `from` or behind it; -1 when they do not. Horspool's way:
 * the byte under the text's end tells how far on it can lie at the earliest, so that most bytes are not looked at.
 */
export function indexOfText(bytes: Uint8Array, text: string, from = 0): number {
  const wanted = Uint8Array.from(text, (c) => c.charCodeAt(0));
  const last = wanted.length - 1;
  const steps = new Uint32Array(256).fill(wanted.length);
  for (let i = 0; i < last; i++) steps[wanted[i]] = last - i;
  for (let at = from; at + last < bytes.length; at += steps[bytes[at + last]]) {
    let i = last;
    while (i >= 0 && bytes[at + i] === wanted[i]) i--;
    if (i < 0) return at;
  }
  return -1;
}
