import assert from "node:assert/strict";
import { test } from "node:test";
import { translate } from "./page-tables.ts";
import { MAX_GUEST_FRAMES, walkKernelStack } from "./walk.ts";

const PG = 0x80000000;
const PSE = 1 << 4;
const PAE = 1 << 5;

function memory(size = 0x400000) {
  const bytes = new Uint8Array(size);
  return { size, bytes, view: new DataView(bytes.buffer) };
}

/** RAM with the kernel's direct map: 0xc0000000 -> 0, one 4 MiB page. */
function kernelMemory() {
  const ram = memory();
  ram.view.setUint32(0x1000 + 0x300 * 4, 0x0 | 0x83, true);
  return ram;
}
const paging = { cr0: PG, cr3: 0x1000, cr4: PSE };

test("without paging an address is physical", () => {
  assert.equal(translate(memory(), { cr0: 0, cr3: 0, cr4: 0 }, 0x1234), 0x1234);
});

test("4 MiB and 4 KiB pages, and what is not mapped", () => {
  const ram = kernelMemory();
  assert.equal(translate(ram, paging, 0xc0002345), 0x2345);
  ram.view.setUint32(0x1000, 0x2000 | 1, true);
  ram.view.setUint32(0x2000 + 5 * 4, 0x7000 | 1, true);
  assert.equal(translate(ram, paging, 0x5123), 0x7123);
  assert.equal(translate(ram, paging, 0x6123), undefined);
  assert.equal(translate(ram, paging, 0x80000000), undefined);
});

test("PAE pages; entries above 4 GiB count as unmapped", () => {
  const ram = memory();
  const pae = { cr0: PG, cr3: 0x1000, cr4: PAE };
  ram.view.setUint32(0x1000 + 3 * 8, 0x2000 | 1, true);
  ram.view.setUint32(0x2000, 0x3000 | 1, true);
  ram.view.setUint32(0x3000 + 8, 0x9000 | 1, true);
  assert.equal(translate(ram, pae, 0xc0001004), 0x9004);
  ram.view.setUint32(0x3000 + 12, 1, true);
  assert.equal(translate(ram, pae, 0xc0001004), undefined);
});

test("page tables that point outside RAM are not followed", () => {
  const ram = memory();
  assert.equal(translate(ram, { ...paging, cr3: 0xfffff000 }, 0xc0000000), undefined);
});

test("frame pointers are followed to the first frame outside the kernel", () => {
  const ram = kernelMemory();
  const put = (at: number, ebp: number, ret: number) => {
    ram.view.setUint32(at, ebp, true);
    ram.view.setUint32(at + 4, ret, true);
  };
  put(0x10000, 0xc0010100, 0xc1000111);
  put(0x10100, 0xc0010200, 0xc1000222);
  put(0x10200, 0, 0x08048000);
  const found: number[] = [];
  const cpu = { ...paging, eip: 0xc1000000, esp: 0xc000fff0, ebp: 0xc0010000, cpl: 0 };
  walkKernelStack(ram, cpu, found);
  assert.deepEqual(found, [0xc1000000, 0xc1000111, 0xc1000222]);
});

test("a frame may lie across two pages", () => {
  const ram = kernelMemory();
  ram.view.setUint32(0x1000 + 0x340 * 4, 0x2000 | 1, true);
  ram.view.setUint32(0x2000, 0x8000 | 1, true);
  ram.view.setUint32(0x2000 + 4, 0x6000 | 1, true);
  ram.view.setUint32(0x8ffc, 0xd0001010, true);
  ram.view.setUint32(0x6000, 0xc1000111, true);
  ram.view.setUint32(0x6014, 0xc1000222, true);
  const found: number[] = [];
  const cpu = { ...paging, eip: 0xc1000000, esp: 0, ebp: 0xd0000ffc, cpl: 0 };
  walkKernelStack(ram, cpu, found);
  assert.deepEqual(found, [0xc1000000, 0xc1000111, 0xc1000222]);
});

test("a stack that turns back on itself, is too deep or is not the kernel's ends", () => {
  const ram = kernelMemory();
  ram.view.setUint32(0x10000, 0xc0010000, true);
  ram.view.setUint32(0x10004, 0xc1000111, true);
  const found: number[] = [];
  const cpu = { ...paging, eip: 0xc1000000, esp: 0, ebp: 0xc0010000, cpl: 0 };
  walkKernelStack(ram, cpu, found);
  assert.equal(found.length, 2);
  walkKernelStack(ram, { ...cpu, cpl: 3 }, found);
  assert.equal(found.length, 0);
  for (let at = 0x20000; at < 0x30000; at += 16) {
    ram.view.setUint32(at, 0xc0000000 + at + 16, true);
    ram.view.setUint32(at + 4, 0xc1000111, true);
  }
  walkKernelStack(ram, { ...cpu, ebp: 0xc0020000 }, found);
  assert.equal(found.length, MAX_GUEST_FRAMES);
});
