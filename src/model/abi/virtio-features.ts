/** Feature bits of virtio devices (virtio 1.3, 2.2), 64 of them as acrn-dm has them in a `uint64_t`. */

/** Feature bits, as bit numbers. */
export const VirtioFeature = {
  NOTIFY_ON_EMPTY: 24,
  ANY_LAYOUT: 27,
  RING_INDIRECT_DESC: 28,
  RING_EVENT_IDX: 29,
  VERSION_1: 32,
} as const;

/** A set of features as two words of 32 bits: asking for one on the way of a kick allocates nothing. */
export interface Features {
  /** Bits 0 to 31, unsigned. */
  readonly low: number;
  /** Bits 32 to 63, unsigned. */
  readonly high: number;
}

/** Words as a register holds them. */
export const featureWords = (low: number, high = 0): Features => ({ low: low >>> 0, high: high >>> 0 });

export const NO_FEATURES = featureWords(0);

/** The set of these bit numbers, 0 to 63. */
export function featureSet(...bits: readonly number[]): Features {
  let low = 0;
  let high = 0;
  for (const bit of bits) {
    if (!Number.isInteger(bit) || bit < 0 || bit > 63) throw new RangeError(`feature bit ${bit}: expected 0 to 63`);
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  return featureWords(low, high);
}

export const hasFeature = ({ low, high }: Features, bit: number): boolean =>
  ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) !== 0;

export const commonFeatures = (a: Features, b: Features): Features => featureWords(a.low & b.low, a.high & b.high);

/** As one number, exact for bits 0 to 52; the specification gives out none above 41. */
export const featuresNumber = ({ low, high }: Features): number => high * 2 ** 32 + low;
