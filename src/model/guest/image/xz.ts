/**
 * Unpacks .xz data: the container (stream header, blocks, index, footer) and the LZMA2 chunks inside it.
 * The format is "The .xz File Format" 1.1.0; section numbers below are of that text.
 *
 * Why not a package: those that run without native code leave out the x86 filter, which every x86 kernel is packed with.
 */

import { CompressionError, LzmaDecoder, OutputWindow } from "./lzma.ts";
import { undoX86Filter } from "./x86-filter.ts";

const STREAM_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const FOOTER_MAGIC = [0x59, 0x5a];
const FILTER_X86 = 0x04;
const FILTER_LZMA2 = 0x21;
const CHECK_CRC32 = 0x01;
/** Size in bytes of the check field by check id (2.1.1.2). */
const CHECK_SIZE = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

const CRC32_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 as zlib and xz use it. Node's own `zlib.crc32` is not in all of Node 20. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC32_TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  take(count: number): Uint8Array {
    if (this.at + count > this.bytes.length) throw new CompressionError("it ends in the middle of the xz data");
    const part = this.bytes.subarray(this.at, this.at + count);
    this.at += count;
    return part;
  }

  byte(): number {
    return this.take(1)[0];
  }

  u32(): number {
    const b = this.take(4);
    return (b[0] | (b[1] << 8) | (b[2] << 16) | (b[3] << 24)) >>> 0;
  }

  /** A variable-length integer (1.2), refused past 2^53 because no size here can be that large. */
  integer(): number {
    let value = 0;
    for (let i = 0; i < 8; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (!(byte & 0x80)) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new CompressionError("a size field of the xz data is out of range");
  }

  expectCrc(covered: Uint8Array, where: string): void {
    if (this.u32() !== crc32(covered)) throw new CompressionError(`the checksum of its xz ${where} is wrong`);
  }
}

interface Block {
  /** Position the x86 filter starts counting from, or undefined when that filter is not used. */
  readonly x86Start: number | undefined;
}

function isXz(bytes: Uint8Array): boolean {
  return STREAM_MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * Unpacks one xz stream. Bytes after its footer are left alone (a bzImage may pad its payload).
 * Throws CompressionError for anything that is not whole and correct, or that unpacks to more than `limit` bytes.
 */
export function decodeXz(input: Uint8Array, limit: number): Uint8Array {
  if (!isXz(input)) throw new CompressionError("it does not begin with the xz signature");
  const reader = new Reader(input, STREAM_MAGIC.length);
  const flags = reader.take(2);
  if (flags[0] !== 0 || flags[1] > 0x0f) throw new CompressionError("its xz stream flags are not known");
  reader.expectCrc(flags, "stream header");
  const check = flags[1];

  const out = new OutputWindow(limit, Math.min(limit, input.length * 3));
  const records: { unpadded: number; size: number }[] = [];
  for (;;) {
    const start = reader.at;
    const sizeByte = reader.byte();
    if (sizeByte === 0) {
      readIndex(reader, start, records);
      break;
    }
    reader.at = start;
    const block = readBlockHeader(reader, (sizeByte + 1) * 4);
    const blockStart = out.length;
    decodeLzma2(reader, out);
    const data = out.bytes.subarray(blockStart, out.length);
    if (block.x86Start !== undefined) undoX86Filter(data, block.x86Start);
    const unpadded = reader.at - start + CHECK_SIZE[check];
    while ((reader.at - start) % 4 !== 0) {
      if (reader.byte() !== 0) throw new CompressionError("the padding of an xz block is not zero");
    }
    const stored = reader.take(CHECK_SIZE[check]);
    if (check === CHECK_CRC32 && new Reader(stored).u32() !== crc32(data)) {
      throw new CompressionError("the checksum of its contents is wrong, so the file is damaged");
    }
    records.push({ unpadded, size: out.length - blockStart });
  }
  const footerCrc = reader.u32();
  const footer = reader.take(6);
  if (footerCrc !== crc32(footer)) throw new CompressionError("the checksum of its xz footer is wrong");
  const magic = reader.take(2);
  if (!FOOTER_MAGIC.every((byte, i) => magic[i] === byte)) throw new CompressionError("it lacks the xz footer");
  return out.finish();
}

/** Block header (3.1): which filters were used. Only LZMA2, alone or after x86, is taken. */
function readBlockHeader(reader: Reader, size: number): Block {
  const start = reader.at;
  const header = new Reader(reader.take(size), 1);
  new Reader(header.bytes, size - 4).expectCrc(header.bytes.subarray(0, size - 4), `block header at ${start}`);
  const flags = header.byte();
  if (flags & 0x3c) throw new CompressionError("an xz block uses flags that are not known");
  if (flags & 0x40) header.integer();
  if (flags & 0x80) header.integer();
  let x86Start: number | undefined;
  const filters = (flags & 3) + 1;
  for (let i = 0; i < filters; i++) {
    const id = header.integer();
    const properties = header.take(header.integer());
    if (id === FILTER_LZMA2 && i === filters - 1 && properties.length === 1) return { x86Start };
    if (id === FILTER_X86 && i === 0 && filters === 2) {
      x86Start = properties.length === 4 ? new Reader(properties).u32() : 0;
      continue;
    }
    throw new CompressionError(
      `it uses xz filter 0x${id.toString(16)}; only LZMA2 (0x21), alone or after the x86 filter (0x4), is understood`,
    );
  }
  throw new CompressionError("an xz block names no LZMA2 filter");
}

/** Index (4): must list exactly the blocks that were found. */
function readIndex(reader: Reader, start: number, records: readonly { unpadded: number; size: number }[]): void {
  const wrong = (): CompressionError => new CompressionError("its xz index does not match its blocks");
  if (reader.integer() !== records.length) throw wrong();
  for (const record of records) {
    if (reader.integer() !== record.unpadded || reader.integer() !== record.size) throw wrong();
  }
  while ((reader.at - start) % 4 !== 0) if (reader.byte() !== 0) throw wrong();
  reader.expectCrc(reader.bytes.subarray(start, reader.at), "index");
}

/** LZMA2 (the chunk format is in linux/lib/xz/xz_dec_lzma2.c): a control byte, sizes, then LZMA or plain bytes. */
function decodeLzma2(reader: Reader, out: OutputWindow): void {
  const decoder = new LzmaDecoder();
  let needDictionaryReset = true;
  let needProperties = true;
  for (;;) {
    const control = reader.byte();
    if (control === 0) return;
    if (control >= 0xe0 || control === 1) {
      needDictionaryReset = false;
      out.dictionaryStart = out.length;
      if (control === 1) needProperties = true;
    } else if (needDictionaryReset || (control > 2 && control < 0x80)) {
      throw new CompressionError(
        `an LZMA2 chunk begins with the byte 0x${control.toString(16)}, which cannot be there`,
      );
    }
    if (control < 0x80) {
      const size = chunkSize(reader);
      out.reserve(size);
      out.bytes.set(reader.take(size), out.length);
      out.length += size;
      continue;
    }
    const unpacked = ((control & 0x1f) << 16) + chunkSize(reader);
    const packed = chunkSize(reader);
    if (control >= 0xc0) {
      decoder.setProperties(reader.byte());
      needProperties = false;
    } else if (needProperties) {
      throw new CompressionError("an LZMA2 chunk comes before its properties");
    } else if (control >= 0xa0) {
      decoder.resetState();
    }
    const chunk = reader.take(packed);
    out.reserve(unpacked);
    decoder.startRange(chunk, 0);
    decoder.decode(out, unpacked);
    if (decoder.position !== packed || !decoder.rangeFinished) {
      throw new CompressionError("an LZMA2 chunk is damaged");
    }
  }
}

/** A 16-bit big-endian size minus one. */
function chunkSize(reader: Reader): number {
  const high = reader.byte();
  return ((high << 8) | reader.byte()) + 1;
}
