import * as zlib from "node:zlib";
import type { Unpackers } from "../guest/image/decompress.ts";
import { CompressionError } from "../guest/image/lzma.ts";

type ZstdDecompress = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
// In Node from 22.15; the type declarations are those of the oldest Node that is supported.
const zstdDecompress = (zlib as { zstdDecompressSync?: ZstdDecompress }).zstdDecompressSync;

/** What Node's zlib unpacks. */
export const nodeUnpackers: Unpackers = {
  gunzip: (payload, limit) => withZlib(() => zlib.gunzipSync(payload, { maxOutputLength: limit }), limit),
  unzstd(payload, limit) {
    if (!zstdDecompress) {
      throw new CompressionError(
        `it is compressed with zstd, which Node ${process.versions.node} cannot unpack; use Node 22.15 or newer, or give the unpacked vmlinux`,
      );
    }
    return withZlib(() => zstdDecompress(payload, { maxOutputLength: limit }), limit);
  },
};

function withZlib(unpack: () => Uint8Array, limit: number): Uint8Array {
  try {
    return unpack();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new CompressionError(`it unpacks to more than ${limit} bytes`);
    throw new CompressionError(`its compressed data is damaged (${message})`);
  }
}
