/** Finds out how a kernel payload is compressed and unpacks it. The input is whatever file a user named: trust nothing. */

import * as zlib from "node:zlib";
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

type ZstdDecompress = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
// In Node from 22.15; the type declarations are those of the oldest Node that is supported.
const zstdDecompress = (zlib as { zstdDecompressSync?: ZstdDecompress }).zstdDecompressSync;

/**
 * Unpacks a payload of a known compression to at most `limit` bytes. For all but gzip the kernel's build appends the
 * unpacked size as four bytes (linux/scripts/Makefile.lib, size_append), which the caller has cut off.
 */
export function decompress(payload: Uint8Array, compression: Compression, limit: number): Uint8Array {
  switch (compression) {
    case "none":
      if (payload.length > limit) throw new CompressionError(`it has more than ${limit} bytes`);
      return payload;
    case "gzip":
      return withZlib(() => zlib.gunzipSync(payload, { maxOutputLength: limit }), limit);
    case "xz":
      return decodeXz(payload, limit);
    case "lzma":
      return decodeLzmaAlone(payload, limit);
    case "zstd":
      if (!zstdDecompress) {
        throw new CompressionError(
          `it is compressed with zstd, which Node ${process.versions.node} cannot unpack; use Node 22.15 or newer, or give the unpacked vmlinux`,
        );
      }
      return withZlib(() => zstdDecompress(payload, { maxOutputLength: limit }), limit);
    default:
      throw new CompressionError(
        `it is compressed with ${compression}; xz, gzip, lzma and zstd are understood. Give the unpacked vmlinux (linux/scripts/extract-vmlinux makes one)`,
      );
  }
}

function withZlib(unpack: () => Uint8Array, limit: number): Uint8Array {
  try {
    return unpack();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new CompressionError(`it unpacks to more than ${limit} bytes`);
    throw new CompressionError(`its compressed data is damaged (${message})`);
  }
}
