import type { V86Cpu } from "../v86/v86-internals.ts";
import { parseElfKernel } from "./elf.ts";
import { buildMpTable, type InterruptRoute } from "./mp-table.ts";
import { buildZeroPage, type MemoryRange } from "./zero-page.ts";

/** Loads a kernel into guest memory and sets the CPU to its entry point: no BIOS, as acrn-dm's software loader. */

export interface BootImage {
  readonly kernel: Uint8Array;
  readonly kernelName: string;
  readonly initrd: Uint8Array;
  readonly commandLine: string;
  readonly ioapicAddress: number;
  readonly routes: readonly InterruptRoute[];
}

const ZERO_PAGE = 0x90000;
const COMMAND_LINE = 0x91000;
const MP_TABLE = 0xf0000;
const HIGH_MEMORY = 0x100000;
/** Highest address a 32-bit kernel takes an initrd at (initrd_addr_max). */
const INITRD_MAX = 0x37ffffff;
/** COMMAND_LINE_SIZE of x86, the terminating zero included. */
export const COMMAND_LINE_SIZE = 2048;
/** Room below the initrd for the kernel to unpack and run in. */
const HEADROOM = 24 * 1024 * 1024;

const ESI = 6;
const CS = 1;
const SEGMENTS = 6;

/** Writes everything into `memory` and returns the entry point. Throws when it does not fit. */
export function loadBootImage(memory: Uint8Array, image: BootImage): number {
  const { entry, segments } = parseElfKernel(image.kernel, image.kernelName);
  let kernelEnd = 0;
  for (const segment of segments) {
    const end = segment.physicalAddress + segment.memorySize;
    if (segment.physicalAddress < HIGH_MEMORY || end > memory.length) {
      throw new Error(
        `${image.kernelName} wants memory up to ${mib(end)} MiB but the guest has ${mib(memory.length)} MiB: give it more with -m`,
      );
    }
    memory.set(image.kernel.subarray(segment.offset, segment.offset + segment.fileSize), segment.physicalAddress);
    kernelEnd = Math.max(kernelEnd, end);
  }
  const top = Math.min(memory.length, INITRD_MAX + 1);
  const initrd = (top - image.initrd.length) & ~0xfff;
  if (image.initrd.length > 0 && initrd < kernelEnd + HEADROOM) {
    throw new Error(
      `guest memory of ${mib(memory.length)} MiB is too small for a kernel of ${mib(kernelEnd)} MiB and an initrd of ${mib(image.initrd.length)} MiB: give it more with -m`,
    );
  }
  memory.set(image.initrd, initrd);
  const commandLine = new TextEncoder().encode(image.commandLine);
  if (commandLine.length >= COMMAND_LINE_SIZE) {
    throw new Error(
      `the kernel command line has ${commandLine.length} bytes, at most ${COMMAND_LINE_SIZE - 1} are taken`,
    );
  }
  memory.set(commandLine, COMMAND_LINE);
  memory[COMMAND_LINE + commandLine.length] = 0;
  memory.set(
    buildZeroPage({
      commandLine: COMMAND_LINE,
      initrd: image.initrd.length > 0 ? initrd : 0,
      initrdSize: image.initrd.length,
      memory: memoryMap(memory.length),
    }),
    ZERO_PAGE,
  );
  memory.set(buildMpTable(MP_TABLE, image.ioapicAddress, image.routes), MP_TABLE);
  return entry;
}

/** The E820 map of the machine: RAM but for the legacy hole. */
function memoryMap(size: number): MemoryRange[] {
  return [
    { start: 0, size: 0x9fc00, type: 1 },
    { start: 0x9fc00, size: 0x400, type: 2 },
    { start: 0xf0000, size: 0x10000, type: 2 },
    { start: HIGH_MEMORY, size: size - HIGH_MEMORY, type: 1 },
  ];
}

/** Flat 32-bit protected mode at `entry`, ESI at the zero page: the 32-bit boot protocol of Linux. */
export function enterKernel(cpu: V86Cpu, entry: number): void {
  cpu.cr[0] |= 1;
  cpu.protected_mode[0] = 1;
  cpu.is_32[0] = 1;
  cpu.stack_size_32[0] = 1;
  cpu.flags[0] = 2;
  for (let i = 0; i < SEGMENTS; i++) {
    cpu.sreg[i] = i === CS ? 0x10 : 0x18;
    cpu.segment_is_null[i] = 0;
    cpu.segment_offsets[i] = 0;
    cpu.segment_limits[i] = 0xffffffff;
    // Present, ring 0, code (readable) or data (writable).
    cpu.segment_access_bytes[i] = i === CS ? 0x9a : 0x92;
  }
  cpu.reg32.fill(0);
  cpu.reg32[ESI] = ZERO_PAGE;
  cpu.instruction_pointer[0] = entry;
  cpu.update_state_flags();
}

const mib = (bytes: number): string => (bytes / 1048576).toFixed(1);
