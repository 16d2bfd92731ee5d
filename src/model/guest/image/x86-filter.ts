/**
 * The x86 branch filter (BCJ) of xz, backwards: it turns the absolute targets the compressor stored in CALL (E8) and JMP
 * (E9) instructions into the relative ones the code really has. Kernels for x86 are compressed with it
 * (linux/scripts/xz_wrap.sh: `xz --check=crc32 --x86 --lzma2=...`).
 *
 * After the public-domain description in linux/lib/xz/xz_dec_bcj.c (bcj_x86).
 */

const isSignByte = (byte: number): boolean => byte === 0x00 || byte === 0xff;
const MASK_ALLOWED = [true, true, true, false, true, false, false, false];
const MASK_BIT = [0, 1, 2, 2, 3, 3, 3, 3];

/** Undoes the filter in place over a whole block; `start` is the position the block was given when compressed. */
export function undoX86Filter(bytes: Uint8Array, start = 0): void {
  let previous = -1;
  let mask = 0;
  const end = bytes.length - 4;
  for (let i = 0; i < end; i++) {
    if ((bytes[i] & 0xfe) !== 0xe8) continue;
    const gap = i - previous;
    if (gap > 3) {
      mask = 0;
    } else {
      mask = (mask << (gap - 1)) & 7;
      if (mask !== 0) {
        const byte = bytes[i + 4 - MASK_BIT[mask]];
        if (!MASK_ALLOWED[mask] || isSignByte(byte)) {
          previous = i;
          mask = (mask << 1) | 1;
          continue;
        }
      }
    }
    previous = i;
    if (!isSignByte(bytes[i + 4])) {
      mask = (mask << 1) | 1;
      continue;
    }
    let source = bytes[i + 1] | (bytes[i + 2] << 8) | (bytes[i + 3] << 16) | (bytes[i + 4] << 24);
    let target: number;
    for (;;) {
      target = (source - (start + i + 5)) | 0;
      if (mask === 0) break;
      const shift = MASK_BIT[mask] * 8;
      if (!isSignByte((target >>> (24 - shift)) & 0xff)) break;
      source = target ^ ((1 << (32 - shift)) - 1);
    }
    target = (target & 0x01ffffff) | -(target & 0x01000000);
    bytes[i + 1] = target;
    bytes[i + 2] = target >> 8;
    bytes[i + 3] = target >> 16;
    bytes[i + 4] = target >> 24;
    i += 4;
  }
}
