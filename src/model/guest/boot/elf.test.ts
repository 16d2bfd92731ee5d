import assert from "node:assert/strict";
import { test } from "node:test";
import { parseElfKernel } from "./elf.ts";

function elf(change: (view: DataView, bytes: Uint8Array) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(200);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x7f454c46);
  bytes[4] = 1;
  bytes[5] = 1;
  view.setUint16(16, 2, true);
  view.setUint16(18, 3, true);
  view.setUint32(24, 0x1000000, true);
  view.setUint32(28, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  view.setUint32(52, 1, true);
  view.setUint32(56, 100, true);
  view.setUint32(64, 0x1000000, true);
  view.setUint32(68, 50, true);
  view.setUint32(72, 80, true);
  change(view, bytes);
  return bytes;
}

test("a 32-bit kernel: entry and load segments", () => {
  assert.deepEqual(parseElfKernel(elf(), "vmlinux"), {
    entry: 0x1000000,
    segments: [{ offset: 100, physicalAddress: 0x1000000, fileSize: 50, memorySize: 80 }],
  });
});

const broken: readonly [string, RegExp, (view: DataView, bytes: Uint8Array) => void][] = [
  ["not an ELF", /no ELF header/, (view) => view.setUint32(0, 0)],
  ["a 64-bit ELF", /64-bit/, (_, bytes) => bytes.fill(2, 4, 5)],
  ["a relocatable object", /ELF type 1/, (view) => view.setUint16(16, 1, true)],
  ["another machine", /ELF machine 62/, (view) => view.setUint16(18, 62, true)],
  ["program headers outside", /program headers/, (view) => view.setUint16(44, 1000, true)],
  ["a truncated segment", /truncated/, (view) => view.setUint32(68, 5000, true)],
  ["a segment larger than its memory", /larger/, (view) => view.setUint32(72, 10, true)],
  ["nothing to load", /nothing to load/, (view) => view.setUint32(52, 4, true)],
];

for (const [what, message, change] of broken) {
  test(`${what} is refused with a reason`, () => {
    assert.throws(
      () => parseElfKernel(elf(change), "my-kernel"),
      (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /^my-kernel is not a kernel/);
        return true;
      },
    );
  });
}

test("an empty file is refused", () => {
  assert.throws(() => parseElfKernel(new Uint8Array(0), "empty"), /no ELF header/);
});
