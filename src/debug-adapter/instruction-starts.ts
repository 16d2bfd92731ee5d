/** No instruction of x86 is longer. */
export const LONGEST = 15;

/** Length of the instruction at a place; below 0: none begins there, and a decoder goes on that far behind it. */
export type LengthAt = (place: number) => number;

/**
 * Where the instructions in `size` bytes of code begin, so that the last one ends at their end. Where the first begins cannot be
 * told from the bytes; decoding from a wrong place falls into step after a few instructions, so that beginning is taken from which
 * they end as they should, the one with most of them. None when there is no such. Each place is decoded once.
 */
export function startsBefore(size: number, lengthAt: LengthAt): number[] {
  const known = new Map<number, number>();
  const length = (place: number): number => {
    let found = known.get(place);
    if (found === undefined) {
      found = lengthAt(place);
      known.set(place, found);
    }
    return found;
  };
  let best: number[] = [];
  for (let first = 0; first < Math.min(LONGEST, size); first++) {
    const starts: number[] = [];
    let place = first;
    while (place < size) {
      starts.push(place);
      place += Math.abs(length(place));
    }
    const last = starts.at(-1);
    const fits = place === size && last !== undefined && length(last) > 0;
    if (fits && starts.length > best.length) best = starts;
  }
  return best;
}
