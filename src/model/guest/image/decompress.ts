/** Finds out how a kernel payload is compressed and unpacks it. The input is whatever file a user named: trust nothing. */

import { decodeLz4Legacy } from "./lz4.ts";
import { CompressionError, decodeLzmaAlone } from "./lzma.ts";
import { decodeXz } from "./xz.ts";

/** Signatures as in linux/lib/decompress.c; `none` is an ELF file that was not compressed at all. */
const SIGNATURES = [
  { name: "gzip", bytes: [0x1f, 0x8b] },
  { name: "xz", bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: "lzma", bytes: [0x5d, 0x00, 0x00] },
  { name: "zstd", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: "bzip2", bytes: [0x42, 0x5a, 0x68] },
  { name: "lz4", bytes: [0x02, 0x21, 0x4c, 0x18] },
  { name: "lzo", bytes: [0x89, 0x4c, 0x5a, 0x4f] },
  { name: "none", bytes: [0x7f, 0x45, 0x4c, 0x46] },
] as const;

export type Compression = (typeof SIGNATURES)[number]["name"];

export function compressionOf(payload: Uint8Array): Compression | undefined {
  return SIGNATURES.find(({ bytes }) => bytes.every((byte, i) => payload[i] === byte))?.name;
}

/** The two that are common enough to be at hand wherever the machine runs. Both throw a CompressionError that says why. */
export interface Unpackers {
  gunzip(payload: Uint8Array, limit: number): Uint8Array;
  /** `size`: what it unpacks to. */
  unzstd(payload: Uint8Array, size: number): Uint8Array;
}

/**
 * Unpacks a payload of a known compression to at most `limit` bytes. For all but gzip the kernel's build appends the
 * unpacked size as four bytes (linux/scripts/Makefile.lib, size_append), which the caller has cut off: it is `size`.
 */
export function decompress(
  payload: Uint8Array,
  compression: Compression,
  { limit, size }: { readonly limit: number; readonly size: number },
  unpackers: Unpackers,
): Uint8Array {
  switch (compression) {
    case "none":
      if (payload.length > limit) throw new CompressionError(`it has more than ${limit} bytes`);
      return payload;
    case "gzip":
      return unpackers.gunzip(payload, limit);
    case "xz":
      return decodeXz(payload, limit);
    case "lzma":
      return decodeLzmaAlone(payload, limit);
    case "lz4":
      return decodeLz4Legacy(payload, limit);
    case "zstd":
      if (size > limit) throw new CompressionError(`it unpacks to ${size} bytes, of which at most ${limit} are taken`);
      return unpackers.unzstd(payload, size);
    default:
      throw new CompressionError(
        `it is compressed with ${compression}; gzip, xz, lzma, zstd and lz4 are understood. Give the unpacked vmlinux (linux/scripts/extract-vmlinux makes one)`,
      );
  }
}
