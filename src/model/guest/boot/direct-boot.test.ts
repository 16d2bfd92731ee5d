import assert from "node:assert/strict";
import { test } from "node:test";
import { loadBootImage } from "./direct-boot.ts";
import { bootParams } from "./zero-page.ts";

const MIB = 1024 * 1024;

function kernel(memorySize = 100, address = 0x100000): Uint8Array {
  const bytes = new Uint8Array(100);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x7f454c46);
  bytes.set([1, 1], 4);
  view.setUint16(16, 2, true);
  view.setUint16(18, 3, true);
  view.setUint32(24, 0x100040, true);
  view.setUint32(28, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  view.setUint32(52, 1, true);
  view.setUint32(56, 84, true);
  view.setUint32(64, address, true);
  view.setUint32(68, 16, true);
  view.setUint32(72, memorySize, true);
  bytes.fill(0xab, 84);
  return bytes;
}

const image = {
  kernelName: "k",
  initrd: Uint8Array.of(1, 2, 3),
  commandLine: "console=hvc0",
  ioapicAddress: 0xfec01000,
  routes: [],
};

test("kernel, initrd, command line and zero page are where the kernel looks for them", () => {
  const memory = new Uint8Array(64 * MIB);
  const entry = loadBootImage(memory, { ...image, kernel: kernel() });
  assert.equal(entry, 0x100040);
  assert.equal(memory[0x100000], 0xab);
  const page = new DataView(memory.buffer, 0x90000, bootParams.size);
  assert.equal(page.getUint32(bootParams.at.header, true), 0x53726448);
  const initrd = page.getUint32(bootParams.at.ramdisk_image, true);
  assert.deepEqual([...memory.subarray(initrd, initrd + 3)], [1, 2, 3]);
  assert.equal(initrd % 4096, 0);
  const line = page.getUint32(bootParams.at.cmd_line_ptr, true);
  assert.equal(new TextDecoder().decode(memory.subarray(line, line + 12)), "console=hvc0");
  const ram = bootParams.at.e820_table + 3 * 20;
  assert.equal(page.getBigUint64(ram, true), BigInt(MIB));
  assert.equal(page.getBigUint64(ram + 8, true), BigInt(63 * MIB));
});

test("too little memory is refused and says how to give more", () => {
  assert.throws(
    () => loadBootImage(new Uint8Array(16 * MIB), { ...image, kernel: kernel(20 * MIB) }),
    /wants memory up to 21.0 MiB but the guest has 16.0 MiB: give it more with -m/,
  );
  assert.throws(() => loadBootImage(new Uint8Array(16 * MIB), { ...image, kernel: kernel() }), /too small.*-m/);
});

test("a segment below 1 MiB is loaded where RAM is: ld's default puts the headers before -Ttext=0x100000", () => {
  for (const address of [0xff000, 0x7c00, 0x9fb00]) {
    const memory = new Uint8Array(64 * MIB);
    loadBootImage(memory, { ...image, kernel: kernel(0x100, address) });
    assert.equal(memory[address], 0xab, address.toString(16));
  }
});

test("a segment where something else has to be is refused with both places", () => {
  const refused = (address: number, expected: RegExp) =>
    assert.throws(
      () => loadBootImage(new Uint8Array(64 * MIB), { ...image, kernel: kernel(0x400, address) }),
      expected,
    );
  refused(0x8fff0, /^Error: k wants to be loaded from 0x8fff0 to 0x903f0, but from 0x90000 to 0x91800 zero page/);
  refused(0x9fb00, /from 0x9fc00 to 0xf0000 no RAM is: link it to begin at 0x100000 \(1 MiB\) or above/);
  refused(0xf0000, /the MP table is/);
  refused(0xc0100000, /at 0xc0100000, where no memory can be: its program headers need physical addresses/);
});

test("a command line that does not fit is refused", () => {
  const commandLine = "x".repeat(2048);
  assert.throws(
    () => loadBootImage(new Uint8Array(64 * MIB), { ...image, kernel: kernel(), commandLine }),
    /at most 2047/,
  );
});
