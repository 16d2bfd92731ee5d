import { IoreqDirection } from "../../abi/acrn.ts";
import { station } from "../../chain/announce.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
import { declareState, part, plain } from "../../inspect/state.ts";
import { ESRCH } from "../../util/errno.ts";
import type { IoRequest } from "./io-request.ts";
import type { Vmctx } from "./vmctx.ts";

/** MMIO: sorted ranges, with a second table for what no device has claimed (devicemodel/core/mem.c). */

/** One MMIO access. A 64-bit value is two halves, both unsigned. */
export interface MemAccess {
  write: boolean;
  address: number;
  /** 1, 2, 4 or 8. */
  size: number;
  value: number;
  valueHigh: number;
}

/** `struct mem_range`. */
export interface MemRange<T = unknown> {
  readonly name: string;
  readonly base: number;
  readonly size: number;
  /** Returns 0 or a negative errno. */
  handler(arg1: T, access: MemAccess, arg2: number): number;
  readonly arg1: T;
  readonly arg2: number;
}

/** The red-black trees of acrn-dm as arrays sorted by address. */
export class MemState {
  static readonly state = declareState<MemState>("device-model.MemState", {
    ranges: plain,
    fallback: plain,
    hint: plain,
    access: part,
  });
  readonly ranges: MemRange[] = [];
  readonly fallback: MemRange[] = [];
  /** The range hit last in `ranges`. */
  hint: MemRange | undefined;
  readonly access: MemAccess = { write: false, address: 0, size: 0, value: 0, valueHigh: 0 };
}

export function initMem(ctx: Vmctx): void {
  ctx.mem.ranges.length = 0;
  ctx.mem.fallback.length = 0;
  ctx.mem.hint = undefined;
}

const contains = (range: MemRange, address: number): boolean =>
  address >= range.base && address <= range.base + range.size - 1;

/** Index of the first range that ends behind `address`. */
function lowerBound(ranges: readonly MemRange[], address: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle].base + ranges[middle].size - 1 < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lookup(ranges: readonly MemRange[], address: number): MemRange | undefined {
  const range = ranges[lowerBound(ranges, address)];
  return range !== undefined && contains(range, address) ? range : undefined;
}

function add(ranges: MemRange[], range: MemRange): number {
  const index = lowerBound(ranges, range.base);
  const next = ranges[index];
  if (next !== undefined && next.base <= range.base + range.size - 1) return -1;
  ranges.splice(index, 0, range);
  return 0;
}

/** Claims a range of guest-physical addresses; -1 when it overlaps another. */
export const registerMem = <T>(ctx: Vmctx, range: MemRange<T>): number => add(ctx.mem.ranges, range as MemRange);
/** Claims a range for the accesses that no registered range takes. */
export const registerMemFallback = <T>(ctx: Vmctx, range: MemRange<T>): number =>
  add(ctx.mem.fallback, range as MemRange);

/** Removes a range; -1 unless name, base and size are those of the registration. */
export function unregisterMem(ctx: Vmctx, range: { name: string; base: number; size: number }): number {
  const { mem } = ctx;
  const found = lookup(mem.ranges, range.base);
  if (found === undefined || found.name !== range.name) return -1;
  if (found.base !== range.base || found.size !== range.size) return -1;
  mem.ranges.splice(mem.ranges.indexOf(found), 1);
  if (mem.hint === found) mem.hint = undefined;
  return 0;
}

/** Names of those who have claimed a part of the range. */
export const memOwners = (ctx: Vmctx, base: number, size: number): string[] =>
  ctx.mem.ranges.filter((range) => range.base < base + size && base < range.base + range.size).map(({ name }) => name);

/** Finds the range of the request's address and lets its handler do the access. -ESRCH when there is none. */
export const emulateMem = station(
  stations.emulate_mem,
  (ctx: Vmctx, request: IoRequest): number => {
    const range = findRange(ctx.mem, request.address);
    if (range === undefined) return -ESRCH;
    const { access } = ctx.mem;
    access.write = request.direction !== IoreqDirection.READ;
    access.address = request.address;
    access.size = request.size;
    access.value = request.value;
    access.valueHigh = request.valueHigh;
    const error = access.write ? memWrite(ctx, range) : memRead(ctx, range);
    if (!access.write) {
      request.value = access.value;
      request.valueHigh = access.valueHigh;
    }
    return error;
  },
  (emit, _ctx, request) => emit(request.address, request.size, request.direction, request.value),
);

function findRange(mem: MemState, address: number): MemRange | undefined {
  const { hint } = mem;
  if (hint !== undefined && contains(hint, address)) return hint;
  const range = lookup(mem.ranges, address);
  if (range === undefined) return lookup(mem.fallback, address);
  mem.hint = range;
  return range;
}

const memRead = station(
  stations.mem_read,
  (ctx: Vmctx, range: MemRange): number => range.handler(range.arg1, ctx.mem.access, range.arg2),
  (emit, ctx) => emit(ctx.mem.access.address, ctx.mem.access.size),
);

const memWrite = station(
  stations.mem_write,
  (ctx: Vmctx, range: MemRange): number => range.handler(range.arg1, ctx.mem.access, range.arg2),
  (emit, ctx) => emit(ctx.mem.access.address, ctx.mem.access.size, ctx.mem.access.value),
);
