import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as zlib from "node:zlib";
import { nodeUnpackers, unpackers } from "../../host/unpack.ts";
import { bzImage, elf, sizeField } from "./testing/bzimage.ts";
import { extractVmlinux, kernelFileKind } from "./vmlinux.ts";

test("a gzip kernel is unpacked and its setup header kept", () => {
  const image = bzImage(zlib.gzipSync(elf()));
  const { vmlinux, compression, setupHeader } = extractVmlinux(image, nodeUnpackers);
  assert.deepEqual(Buffer.from(vmlinux), elf());
  assert.equal(compression, "gzip");
  assert.equal(setupHeader.version, 0x020f);
  assert.deepEqual(Buffer.from(setupHeader.bytes), image.subarray(0x1f1, 0x202 + 0x6a));
});

test("an uncompressed kernel is taken as it is", () => {
  assert.deepEqual(Buffer.from(extractVmlinux(bzImage(elf()), nodeUnpackers).vmlinux), elf());
});

test("the guest image's own kernel gives the vmlinux that lies beside it", () => {
  const folder = join(process.env.ACRN_VIRTIO_ROOT ?? ".", "guest-image");
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const { vmlinux } = extractVmlinux(readFileSync(join(folder, "bzImage")), nodeUnpackers);
  assert.equal(createHash("sha256").update(vmlinux).digest("hex"), manifest.files.vmlinux.sha256);
});

test("an lz4 kernel is unpacked", () => {
  const legacy = Buffer.from([0x02, 0x21, 0x4c, 0x18, 0xfd, 0x01, 0, 0, 0xf0, 255, 506 - 270, ...elf()]);
  const packed = Buffer.concat([legacy, sizeField(elf())]);
  const { vmlinux, compression } = extractVmlinux(bzImage(packed), nodeUnpackers);
  assert.deepEqual(Buffer.from(vmlinux), elf());
  assert.equal(compression, "lz4");
});

test("a zstd kernel is unpacked, on each Node", () => {
  // `zstd -22 --ultra` of elf().
  const packed = Buffer.from("KLUv/QSIdQAAOH9FTEYBAVoBAPAqMAJSJDLF", "base64");
  for (const decoders of [nodeUnpackers, unpackers(undefined)]) {
    const { vmlinux, compression } = extractVmlinux(bzImage(Buffer.concat([packed, sizeField(elf())])), decoders);
    assert.deepEqual(Buffer.from(vmlinux), elf());
    assert.equal(compression, "zstd");
  }
});

/** Sets XLF_KERNEL_64 of xloadflags. */
function is64Bit(image: Buffer): Buffer {
  image[0x236] |= 1;
  return image;
}

const refusals: [string, Uint8Array, RegExp][] = [
  ["an empty file", new Uint8Array(0), /not a bzImage .*expected a 32-bit x86 Linux kernel/],
  ["some other file", Buffer.alloc(4096, "text"), /not a bzImage/],
  ["a kernel of 2005", bzImage(zlib.gzipSync(elf()), 0x0204), /boot protocol 2\.04 is too old/],
  ["a file cut short", bzImage(zlib.gzipSync(elf())).subarray(0, 2600), /it was cut short or damaged/],
  ["a 64-bit kernel", bzImage(zlib.gzipSync(elf(2))), /64-bit kernel; the machine has a 32-bit processor/],
  ["a 64-bit kernel, however it is packed", is64Bit(bzImage(Buffer.from("BZh9"))), /64-bit kernel/],
  ["a payload that is no ELF", bzImage(zlib.gzipSync(Buffer.alloc(100))), /not an ELF file/],
  ["damaged gzip data", bzImage(zlib.gzipSync(elf()).fill(0xff, 12, 20)), /compressed data is damaged/],
  ["lzo", bzImage(Buffer.from([0x89, 0x4c, 0x5a, 0x4f, ...Buffer.alloc(30)])), /compressed with lzo.*unpacked vmlinux/],
  ["bzip2", bzImage(Buffer.from(`BZh9${"x".repeat(30)}`)), /compressed with bzip2.*unpacked vmlinux/],
  [
    "damaged zstd data",
    bzImage(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(40, 1)])),
    /damaged/,
  ],
  [
    "a zstd kernel without end",
    bzImage(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...Buffer.alloc(30, 0xff)])),
    /unpacks to 4294967295 bytes, of which at most 268435456 are taken/,
  ],
  ["an unknown compression", bzImage(Buffer.alloc(64, 0x77)), /begins with 77 77 77 77/],
];
for (const [what, image, expected] of refusals) {
  test(`${what} is refused with the file's name`, () => {
    assert.throws(
      () => extractVmlinux(image, nodeUnpackers, "my-kernel"),
      (error: Error) => {
        assert.match(error.message, /^my-kernel: /);
        assert.match(error.message, expected);
        return true;
      },
    );
  });
}

test("kinds of kernel files", () => {
  assert.equal(kernelFileKind(elf()), "elf");
  assert.equal(kernelFileKind(bzImage(elf())), "bzImage");
  assert.equal(kernelFileKind(Buffer.alloc(2)), "unknown");
});
