import type { GuestMemory } from "../../doors/guest.ts";
import type { CpuState } from "../../doors/guest-debug.ts";
import { type PagingState, translate } from "./page-tables.ts";

/** Deepest guest stack that is followed. */
export const MAX_GUEST_FRAMES = 40;
/** Kernel space of a 32-bit Linux guest with the usual 3:1 split. */
export const KERNEL_BASE = 0xc0000000;
/** Of another kernel that lies lower: all but the page that pointers to nothing point to. */
export const LOW_KERNEL_BASE = 0x1000;

/**
 * Instruction addresses of the guest kernel's stack, innermost first, by frame pointers: Debian's 32-bit kernels are
 * built with CONFIG_FRAME_POINTER. Ends where the chain leaves kernel space, turns downward or runs into what is not
 * mapped. Return addresses are those of the instruction after the call.
 */
export function walkKernelStack(memory: GuestMemory, cpu: CpuState, into: number[], kernelBase = KERNEL_BASE): void {
  into.length = 0;
  if (cpu.cpl !== 0) return;
  into.push(cpu.eip);
  const { view, size } = memory;
  let frame = cpu.ebp;
  let below = 0;
  // A stack lies in a page or two: a page is looked up once for all the frames in it.
  let page = -1;
  let base = 0;
  while (into.length < MAX_GUEST_FRAMES && frame >= kernelBase && frame > below) {
    const offset = frame & 0xfff;
    if (frame - offset !== page) {
      page = frame - offset;
      base = translate(memory, cpu, page) ?? size;
    }
    const inPage = offset <= 0xff8 && base + 0x1000 <= size;
    const returnAddress = inPage ? view.getUint32(base + offset + 4, true) : readWord(memory, cpu, frame + 4);
    const saved = inPage ? view.getUint32(base + offset, true) : readWord(memory, cpu, frame);
    if (saved === undefined || returnAddress === undefined || returnAddress < kernelBase) return;
    into.push(returnAddress);
    below = frame;
    frame = saved;
  }
}

/** A byte at a linear address, or undefined where it is not mapped to RAM. */
export function readByte(memory: GuestMemory, paging: PagingState, linear: number): number | undefined {
  const physical = translate(memory, paging, linear);
  return physical === undefined || physical >= memory.size ? undefined : memory.bytes[physical];
}

/** A 32-bit word at a linear address, or undefined where it is not mapped to RAM. */
export function readWord(memory: GuestMemory, paging: PagingState, linear: number): number | undefined {
  const physical = translate(memory, paging, linear);
  if (physical === undefined || physical + 4 > memory.size || (physical & 0xfff) > 0xffc) return undefined;
  return memory.view.getUint32(physical, true);
}
