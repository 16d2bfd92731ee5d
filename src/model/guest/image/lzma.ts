/**
 * The LZMA decoder that `xz.ts` and `decompress.ts` share: the range coder, its probability model and the sliding
 * window. Written after the LZMA specification (Igor Pavlov, public domain); the names are those of that text.
 *
 * The whole output is kept in one array, which is the dictionary at the same time: a kernel is 16 to 60 MB, so a
 * separate window would save nothing.
 */

/** What a decoder says about input it cannot take; callers add which file it was. */
export class CompressionError extends Error {
  override name = "CompressionError";
}

/** A growing array with an upper limit, so that a forged size field cannot take all memory. */
export class OutputWindow {
  bytes: Uint8Array;
  length = 0;
  /** Where the dictionary begins: matches must not reach before it. */
  dictionaryStart = 0;
  readonly limit: number;

  constructor(limit: number, expected = 1 << 20) {
    this.limit = limit;
    this.bytes = new Uint8Array(Math.min(limit, Math.max(expected, 1 << 12)));
  }

  /** Makes room for `extra` more bytes. Throws when the limit would be passed. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed > this.limit) {
      throw new CompressionError(`it unpacks to more than ${this.limit} bytes, which is more than is accepted`);
    }
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.min(this.limit, Math.max(needed, this.bytes.length * 2)));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

// Offsets into the one array of probabilities. 12 states, at most 16 position states.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + 12 * 16;
const IS_REP_G0 = IS_REP + 12;
const IS_REP_G1 = IS_REP_G0 + 12;
const IS_REP_G2 = IS_REP_G1 + 12;
const IS_REP0_LONG = IS_REP_G2 + 12;
const POS_SLOT = IS_REP0_LONG + 12 * 16;
const POS_SPECIAL = POS_SLOT + 4 * 64;
const POS_ALIGN = POS_SPECIAL + 128;
// A length coder: choice, choice2, then 16 low trees of 8, 16 middle trees of 8, one high tree of 256.
const LEN_LOW = 2;
const LEN_MID = LEN_LOW + 16 * 8;
const LEN_HIGH = LEN_MID + 16 * 8;
const LEN_SIZE = LEN_HIGH + 256;
const MATCH_LEN = POS_ALIGN + 16;
const REP_LEN = MATCH_LEN + LEN_SIZE;
const LITERAL = REP_LEN + LEN_SIZE;

const MIN_MATCH = 2;
const RANGE = 0;
const CODE = 1;

export class LzmaDecoder {
  private probs = new Uint16Array(LITERAL);
  private lc = 0;
  private lpMask = 0;
  private pbMask = 0;
  private state = 0;
  private readonly reps = new Int32Array(4);
  // An Uint32Array, not two number fields: the values pass 2^31 and would be boxed on every bit.
  private readonly rc = new Uint32Array(2);
  private input: Uint8Array = new Uint8Array(0);
  private at = 0;

  /** Sets lc, lp and pb from the LZMA properties byte and resets the state. */
  setProperties(byte: number): void {
    if (byte >= 9 * 5 * 5) throw new CompressionError(`the LZMA properties byte is ${byte}, expected less than 225`);
    this.lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    this.lpMask = (1 << lp) - 1;
    this.pbMask = (1 << pb) - 1;
    this.probs = new Uint16Array(LITERAL + (0x300 << (this.lc + lp)));
    this.resetState();
  }

  resetState(): void {
    this.probs.fill(1024);
    this.state = 0;
    this.reps.fill(0);
  }

  /** Starts the range coder at `offset`: one zero byte and four bytes of code. Returns nothing; see `position`. */
  startRange(input: Uint8Array, offset: number): void {
    if (offset + 5 > input.length) throw new CompressionError("it ends in the middle of the compressed data");
    if (input[offset] !== 0) throw new CompressionError("the compressed data does not begin as LZMA data must");
    this.input = input;
    this.rc[RANGE] = 0xffffffff;
    this.rc[CODE] =
      (input[offset + 1] << 24) | (input[offset + 2] << 16) | (input[offset + 3] << 8) | input[offset + 4];
    this.at = offset + 5;
  }

  /** Index of the next unread input byte; may lie past the end when the input was cut short. */
  get position(): number {
    return this.at;
  }

  /** True when the range coder is where an encoder leaves it at the end of a chunk. */
  get rangeFinished(): boolean {
    return this.rc[CODE] === 0;
  }

  /**
   * Decodes until `count` more bytes are in the window (room must have been reserved) or the end marker is met.
   * Returns true when the end marker ended it.
   */
  decode(out: OutputWindow, count: number): boolean {
    const { bytes, dictionaryStart } = out;
    const { reps } = this;
    const end = out.length + count;
    let pos = out.length;
    while (pos < end) {
      if (this.at > this.input.length) throw new CompressionError("it ends in the middle of the compressed data");
      const posState = (pos - dictionaryStart) & this.pbMask;
      if (this.bit(IS_MATCH + (this.state << 4) + posState) === 0) {
        bytes[pos] = this.literal(bytes, pos, dictionaryStart);
        pos++;
        continue;
      }
      let length: number;
      if (this.bit(IS_REP + this.state) === 0) {
        reps.copyWithin(1, 0, 3);
        length = this.lengthOf(MATCH_LEN, posState);
        this.state = this.state < 7 ? 7 : 10;
        reps[0] = this.distance(length);
        if (reps[0] === -1) {
          out.length = pos;
          return true;
        }
      } else if (this.repeat(posState)) {
        length = 1;
      } else {
        length = this.lengthOf(REP_LEN, posState);
        this.state = this.state < 7 ? 8 : 11;
      }
      const distance = (reps[0] >>> 0) + 1;
      if (distance > pos - dictionaryStart) throw new CompressionError("a match reaches before the beginning");
      if (length > end - pos) throw new CompressionError("a match reaches past the end of its chunk");
      if (distance >= length) {
        bytes.copyWithin(pos, pos - distance, pos - distance + length);
        pos += length;
      } else {
        for (; length > 0; length--, pos++) bytes[pos] = bytes[pos - distance];
      }
    }
    out.length = pos;
    return false;
  }

  /** Which of the last four distances a repeated match uses. True for the one-byte "short rep". */
  private repeat(posState: number): boolean {
    const { reps, state } = this;
    if (this.bit(IS_REP_G0 + state) === 0) {
      if (this.bit(IS_REP0_LONG + (state << 4) + posState) === 0) {
        this.state = state < 7 ? 9 : 11;
        return true;
      }
      return false;
    }
    const which = this.bit(IS_REP_G1 + state) === 0 ? 1 : this.bit(IS_REP_G2 + state) === 0 ? 2 : 3;
    const distance = reps[which];
    reps.copyWithin(1, 0, which);
    reps[0] = distance;
    return false;
  }

  private literal(bytes: Uint8Array, pos: number, dictionaryStart: number): number {
    const previous = pos > dictionaryStart ? bytes[pos - 1] : 0;
    const context = (((pos - dictionaryStart) & this.lpMask) << this.lc) + (previous >> (8 - this.lc));
    const base = LITERAL + 0x300 * context;
    let symbol = 1;
    if (this.state >= 7) {
      const distance = (this.reps[0] >>> 0) + 1;
      if (distance > pos - dictionaryStart) throw new CompressionError("a match reaches before the beginning");
      let match = bytes[pos - distance];
      do {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = this.bit(base + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.bit(base + symbol);
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6;
    return symbol & 0xff;
  }

  private lengthOf(base: number, posState: number): number {
    if (this.bit(base) === 0) return MIN_MATCH + this.tree(base + LEN_LOW + (posState << 3), 3);
    if (this.bit(base + 1) === 0) return MIN_MATCH + 8 + this.tree(base + LEN_MID + (posState << 3), 3);
    return MIN_MATCH + 16 + this.tree(base + LEN_HIGH, 8);
  }

  /** Distance minus one as a signed 32-bit number; -1 is the end marker. */
  private distance(length: number): number {
    const slot = this.tree(POS_SLOT + (Math.min(length - MIN_MATCH, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) << bits;
    if (slot < 14) return high + this.reverseTree(POS_SPECIAL + high - slot, bits);
    let direct = 0;
    for (let i = bits - 4; i > 0; i--) direct = (direct << 1) | this.directBit();
    return (high + (direct << 4) + this.reverseTree(POS_ALIGN, 4)) | 0;
  }

  private tree(base: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.bit(base + symbol);
    return symbol - (1 << bits);
  }

  private reverseTree(base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  private bit(index: number): number {
    const { probs, rc } = this;
    const probability = probs[index];
    const range = rc[RANGE];
    const bound = (range >>> 11) * probability;
    let bit: number;
    let next: number;
    if (rc[CODE] < bound) {
      next = bound;
      probs[index] = probability + ((2048 - probability) >> 5);
      bit = 0;
    } else {
      next = range - bound;
      rc[CODE] -= bound;
      probs[index] = probability - (probability >> 5);
      bit = 1;
    }
    if (next < 0x1000000) {
      rc[RANGE] = next << 8;
      rc[CODE] = (rc[CODE] << 8) | this.input[this.at++];
    } else {
      rc[RANGE] = next;
    }
    return bit;
  }

  private directBit(): number {
    const { rc } = this;
    let range = rc[RANGE] >>> 1;
    let bit = 0;
    if (rc[CODE] >= range) {
      rc[CODE] -= range;
      bit = 1;
    }
    if (range < 0x1000000) {
      range <<= 8;
      rc[CODE] = (rc[CODE] << 8) | this.input[this.at++];
    }
    rc[RANGE] = range;
    return bit;
  }
}

/**
 * Decodes the old ".lzma" form (13-byte header: properties, dictionary size, unpacked size or -1), which kernels built
 * with CONFIG_KERNEL_LZMA use.
 */
export function decodeLzmaAlone(input: Uint8Array, limit: number): Uint8Array {
  if (input.length < 18) throw new CompressionError(`it has ${input.length} bytes, too few for an LZMA file`);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const declared = view.getBigUint64(5, true);
  const known = declared !== 0xffff_ffff_ffff_ffffn;
  if (known && declared > BigInt(limit)) {
    throw new CompressionError(`its header declares ${declared} bytes, more than the ${limit} that are accepted`);
  }
  const decoder = new LzmaDecoder();
  decoder.setProperties(input[0]);
  decoder.startRange(input, 13);
  // A match must not cross the end of what is asked for, so everything is asked for at once.
  const out = new OutputWindow(limit + 1);
  const wanted = known ? Number(declared) : limit + 1;
  out.reserve(wanted);
  const ended = decoder.decode(out, wanted);
  if (known && out.length !== wanted) {
    throw new CompressionError(`it unpacks to ${out.length} bytes, its header declares ${declared}`);
  }
  if (!known && !ended) throw new CompressionError(`it unpacks to more than ${limit} bytes`);
  return out.finish();
}
