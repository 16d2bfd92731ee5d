import type { GuestMemory } from "../../doors/guest.ts";

/** Control registers that say how addresses are translated. */
export interface PagingState {
  readonly cr0: number;
  readonly cr3: number;
  readonly cr4: number;
}

const CR0_PG = 0x80000000;
const CR4_PSE = 1 << 4;
const CR4_PAE = 1 << 5;
const PRESENT = 1;
const LARGE = 1 << 7;

/** Physical address of a linear one, or undefined where nothing is mapped. Reads the page tables, changes nothing. */
export function translate(memory: GuestMemory, paging: PagingState, linear: number): number | undefined {
  const address = linear >>> 0;
  if ((paging.cr0 & CR0_PG) === 0) return address;
  return (paging.cr4 & CR4_PAE) !== 0 ? translatePae(memory, paging, address) : translate32(memory, paging, address);
}

function translate32(memory: GuestMemory, paging: PagingState, address: number): number | undefined {
  const directory = entry32(memory, (paging.cr3 & ~0xfff) >>> 0, address >>> 22);
  if ((directory & PRESENT) === 0) return undefined;
  if ((directory & LARGE) !== 0 && (paging.cr4 & CR4_PSE) !== 0) {
    return ((directory & 0xffc00000) | (address & 0x3fffff)) >>> 0;
  }
  const page = entry32(memory, (directory & ~0xfff) >>> 0, (address >>> 12) & 0x3ff);
  return (page & PRESENT) === 0 ? undefined : ((page & ~0xfff) | (address & 0xfff)) >>> 0;
}

/** Entries above 4 GiB cannot be reached by this guest and count as unmapped. */
function translatePae(memory: GuestMemory, paging: PagingState, address: number): number | undefined {
  const pointer = entry64(memory, (paging.cr3 & ~0x1f) >>> 0, address >>> 30);
  if ((pointer & PRESENT) === 0) return undefined;
  const directory = entry64(memory, (pointer & ~0xfff) >>> 0, (address >>> 21) & 0x1ff);
  if ((directory & PRESENT) === 0) return undefined;
  if ((directory & LARGE) !== 0) return ((directory & 0xffe00000) | (address & 0x1fffff)) >>> 0;
  const page = entry64(memory, (directory & ~0xfff) >>> 0, (address >>> 12) & 0x1ff);
  return (page & PRESENT) === 0 ? undefined : ((page & ~0xfff) | (address & 0xfff)) >>> 0;
}

function entry32(memory: GuestMemory, table: number, index: number): number {
  const at = table + index * 4;
  return at + 4 <= memory.size ? memory.view.getUint32(at, true) : 0;
}

function entry64(memory: GuestMemory, table: number, index: number): number {
  const at = table + index * 8;
  if (at + 8 > memory.size || (memory.view.getUint32(at + 4, true) & 0xfffff) !== 0) return 0;
  return memory.view.getUint32(at, true);
}
