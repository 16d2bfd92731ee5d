/**
 * Takes the kernel proper (the ELF file vmlinux) out of a bzImage, so that the machine can start it directly and needs no
 * boot loader and no unpacking inside the guest. Field names and offsets: linux/Documentation/arch/x86/boot.rst.
 */

import { type Compression, compressionOf, decompress, type Unpackers } from "./decompress.ts";
import { CompressionError } from "./lzma.ts";

/** Largest vmlinux that is taken. Distribution kernels have 16 to 60 MiB. */
const MAX_VMLINUX_BYTES = 256 * 1024 * 1024;

/** The setup header's fields that are read here; offsets from the beginning of the file. */
const SETUP_SECTS = 0x1f1;
const BOOT_FLAG = 0x1fe;
const JUMP_LENGTH = 0x201;
const HEADER_MAGIC = 0x202;
const VERSION = 0x206;
const XLOADFLAGS = 0x236;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR = 512;
/** XLF_KERNEL_64 of xloadflags, from boot protocol 2.12 (Linux 3.8) on. */
const XLF_KERNEL_64 = 1;
const XLOADFLAGS_PROTOCOL = 0x020c;
/** payload_offset and payload_length came with boot protocol 2.08 (Linux 2.6.26). */
const OLDEST_PROTOCOL = 0x0208;

export interface SetupHeader {
  /** The header as boot_params.hdr wants it: the bytes from 0x1f1 on, as many as the kernel has. */
  readonly bytes: Uint8Array;
  /** Boot protocol version, 0x020f for 2.15. */
  readonly version: number;
}

export interface ExtractedKernel {
  readonly vmlinux: Uint8Array;
  readonly setupHeader: SetupHeader;
  readonly compression: Compression;
}

const IS_64_BIT = "this is a 64-bit kernel; the machine has a 32-bit processor, so give a 32-bit (i386) one";

/** What a kernel file is, by its first bytes. */
export function kernelFileKind(file: Uint8Array): "bzImage" | "elf" | "unknown" {
  if (isElf(file)) return "elf";
  if (file.length > PAYLOAD_LENGTH + 4 && text(file, HEADER_MAGIC, 4) === "HdrS" && file[BOOT_FLAG] === 0x55) {
    return "bzImage";
  }
  return "unknown";
}

/**
 * Unpacks a 32-bit bzImage. Throws an Error whose message begins with `name` (the file as the user named it) and says what was
 * found, what was expected and what to do.
 */
export function extractVmlinux(bzImage: Uint8Array, unpackers: Unpackers, name = "the kernel"): ExtractedKernel {
  const fail = (what: string): Error => new Error(`${name}: ${what}`);
  if (kernelFileKind(bzImage) !== "bzImage") {
    throw fail('this is not a bzImage (no "HdrS" at 0x202); expected a 32-bit x86 Linux kernel, bzImage or vmlinux');
  }
  const view = new DataView(bzImage.buffer, bzImage.byteOffset, bzImage.byteLength);
  const version = view.getUint16(VERSION, true);
  if (version < OLDEST_PROTOCOL) {
    throw fail(`boot protocol ${protocolName(version)} is too old, expected 2.08 (Linux 2.6.26) or newer`);
  }
  // Before all that may be wrong with what is packed: no way of packing it helps.
  if (version >= XLOADFLAGS_PROTOCOL && view.getUint16(XLOADFLAGS, true) & XLF_KERNEL_64) throw fail(IS_64_BIT);
  const setupEnd = ((bzImage[SETUP_SECTS] || 4) + 1) * SECTOR;
  const start = setupEnd + view.getUint32(PAYLOAD_OFFSET, true);
  const length = view.getUint32(PAYLOAD_LENGTH, true);
  if (length < 16 || start + length > bzImage.length) {
    throw fail(
      `its payload should be ${length} bytes at ${start}, but the file has ${bzImage.length} bytes; it was cut short or damaged`,
    );
  }
  const payload = bzImage.subarray(start, start + length);
  const compression = compressionOf(payload);
  if (!compression) {
    const found = [...payload.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw fail(`its payload begins with ${found}, no compression that Linux uses; give the unpacked vmlinux`);
  }
  const vmlinux = unpack(payload, compression, unpackers, fail);
  if (!isElf(vmlinux)) throw fail("what was packed in it is not an ELF file; give the unpacked vmlinux");
  if (vmlinux[4] !== 1) throw fail(IS_64_BIT);
  return { vmlinux, compression, setupHeader: { bytes: headerBytes(bzImage), version } };
}

function unpack(
  payload: Uint8Array,
  compression: Compression,
  unpackers: Unpackers,
  fail: (what: string) => Error,
): Uint8Array {
  const sized = compression !== "gzip" && compression !== "none";
  try {
    // gzip ends with the unpacked size too, of its own.
    const size = new DataView(payload.buffer, payload.byteOffset + payload.length - 4, 4).getUint32(0, true);
    const sizes = { limit: MAX_VMLINUX_BYTES, size };
    const vmlinux = decompress(sized ? payload.subarray(0, -4) : payload, compression, sizes, unpackers);
    if (compression !== "none" && size !== vmlinux.length) {
      throw fail(`it unpacked to ${vmlinux.length} bytes, expected ${size}; the file is damaged`);
    }
    return vmlinux;
  } catch (error) {
    if (error instanceof CompressionError) throw fail(error.message);
    throw error;
  }
}

/** The header ends where the jump at 0x200 lands (boot.rst, "the total size of the setup header"). */
function headerBytes(bzImage: Uint8Array): Uint8Array {
  return bzImage.slice(SETUP_SECTS, Math.min(HEADER_MAGIC + bzImage[JUMP_LENGTH], 0x290));
}

const protocolName = (version: number): string => `${version >> 8}.${String(version & 0xff).padStart(2, "0")}`;

const isElf = (bytes: Uint8Array): boolean => bytes[0] === 0x7f && text(bytes, 1, 3) === "ELF";

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
