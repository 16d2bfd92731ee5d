/**
 * Unpacks what `lz4 -l` makes, with which kernels are packed: the legacy frame (lz4/doc/lz4_Frame_format.md), whose blocks stand
 * on their own, and in each the sequences of lz4/doc/lz4_Block_format.md.
 */

import { CompressionError, OutputWindow } from "./lzma.ts";

const LEGACY_MAGIC = 0x184c2102;
/** Bytes that each block but the last unpacks to. */
const BLOCK = 8 << 20;
const MIN_MATCH = 4;
/** A length of four bits that goes on in the bytes that follow. */
const MORE = 15;

/** Unpacks to at most `limit` bytes. */
export function decodeLz4Legacy(packed: Uint8Array, limit: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const out = new OutputWindow(limit, BLOCK);
  for (let at = 0; at + 4 <= packed.length; ) {
    const size = view.getUint32(at, true);
    at += 4;
    // Archives may follow each other; Linux' unlz4.c takes the next one's magic where a block's size would be.
    if (size === LEGACY_MAGIC) continue;
    if (at + size > packed.length) throw damaged(`a block of ${size} bytes ends outside the file`);
    decodeBlock(packed.subarray(at, at + size), out);
    at += size;
  }
  return out.finish();
}

function decodeBlock(block: Uint8Array, out: OutputWindow): void {
  const start = out.length;
  let at = 0;
  const length = (nibble: number): number => {
    let total = nibble;
    for (let more = nibble === MORE; more; at++) {
      if (at >= block.length) throw damaged("a length is cut off");
      total += block[at];
      more = block[at] === 255;
    }
    return total;
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = length(token >> 4);
    if (at + literals > block.length) throw damaged("literals are cut off");
    out.reserve(literals);
    out.bytes.set(block.subarray(at, at + literals), out.length);
    out.length += literals;
    at += literals;
    // The last sequence is literals only.
    if (at === block.length) return;
    if (at + 2 > block.length) throw damaged("an offset is cut off");
    const offset = block[at] | (block[at + 1] << 8);
    at += 2;
    const match = length(token & 0xf) + MIN_MATCH;
    if (offset === 0 || offset > out.length - start) throw damaged(`an offset of ${offset} leads before its block`);
    out.reserve(match);
    // Byte by byte: a match may reach into what it writes.
    for (let end = out.length + match; out.length < end; out.length++) {
      out.bytes[out.length] = out.bytes[out.length - offset];
    }
  }
}

const damaged = (what: string): CompressionError => new CompressionError(`its lz4 data is damaged: ${what}`);
