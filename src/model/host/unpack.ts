import * as zlib from "node:zlib";
import { decompress } from "fzstd";
import type { Unpackers } from "../guest/image/decompress.ts";
import { CompressionError } from "../guest/image/lzma.ts";

type ZstdDecompress = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
// In Node from 22.15; the type declarations are those of the oldest Node that is supported.
const zstdDecompress = (zlib as { zstdDecompressSync?: ZstdDecompress }).zstdDecompressSync;

/** `zstd`: Node's own decoder, which is faster and looks at the checksum. Without it there is one in JavaScript. */
export function unpackers(zstd: ZstdDecompress | undefined): Unpackers {
  return {
    gunzip: (payload, limit) => withZlib(() => zlib.gunzipSync(payload, { maxOutputLength: limit }), limit),
    unzstd: (payload, size) =>
      withZlib(() => {
        return zstd === undefined
          ? decompress(payload, new Uint8Array(size))
          : zstd(payload, { maxOutputLength: size });
      }, size),
  };
}

export const nodeUnpackers: Unpackers = unpackers(zstdDecompress);

function withZlib(unpack: () => Uint8Array, limit: number): Uint8Array {
  try {
    return unpack();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new CompressionError(`it unpacks to more than ${limit} bytes`);
    throw new CompressionError(`its compressed data is damaged (${message})`);
  }
}
