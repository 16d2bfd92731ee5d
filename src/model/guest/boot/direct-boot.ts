import type { InterruptRoute } from "../../doors/guest.ts";
import { toHex } from "../../inspect/format.ts";
import type { V86Cpu } from "../v86/v86-internals.ts";
import { type ElfSegment, parseElfKernel } from "./elf.ts";
import { buildMpTable } from "./mp-table.ts";
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
/** End of conventional memory; the EBDA, the video memory and option ROMs lie between it and the firmware's 64 KiB. */
const LOW_MEMORY_END = 0x9fc00;
const FIRMWARE = 0xf0000;
/** Where RAM can end at most: the PCI hole begins there. */
const PCI_HOLE = 0xc0000000;
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
  const mpTable = buildMpTable(MP_TABLE, image.ioapicAddress, image.routes);
  let kernelEnd = 0;
  for (const segment of segments) {
    checkPlace(image.kernelName, segment, memory.length, mpTable.length);
    memory.set(image.kernel.subarray(segment.offset, segment.offset + segment.fileSize), segment.physicalAddress);
    kernelEnd = Math.max(kernelEnd, segment.physicalAddress + segment.memorySize);
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
  memory.set(mpTable, MP_TABLE);
  return entry;
}

/**
 * Throws where a segment cannot be loaded. Below 1 MiB there is RAM for one too: with `ld -Ttext=0x100000` the file's headers
 * are a segment at 0xff000.
 */
function checkPlace(kernel: string, segment: ElfSegment, memory: number, mpTable: number): void {
  const start = segment.physicalAddress;
  const end = start + segment.memorySize;
  if (start >= PCI_HOLE) {
    throw new Error(
      `${kernel} wants to be loaded at ${toHex(start)}, where no memory can be: its program headers need physical addresses (AT() in a linker script) below ${toHex(PCI_HOLE)}`,
    );
  }
  if (end > memory) {
    throw new Error(
      `${kernel} wants memory up to ${mib(end)} MiB but the guest has ${mib(memory)} MiB: give it more with -m`,
    );
  }
  const taken = [
    { from: ZERO_PAGE, to: COMMAND_LINE + COMMAND_LINE_SIZE, what: "zero page and kernel command line are" },
    { from: LOW_MEMORY_END, to: FIRMWARE, what: "no RAM is" },
    { from: MP_TABLE, to: MP_TABLE + mpTable, what: "the MP table is" },
  ].find(({ from, to }) => start < to && end > from);
  if (taken !== undefined) {
    throw new Error(
      `${kernel} wants to be loaded from ${toHex(start)} to ${toHex(end)}, but from ${toHex(taken.from)} to ${toHex(taken.to)} ${taken.what}: link it to begin at ${toHex(HIGH_MEMORY)} (1 MiB) or above`,
    );
  }
}

/** The E820 map of the machine: RAM but for the legacy hole. */
function memoryMap(size: number): MemoryRange[] {
  return [
    { start: 0, size: LOW_MEMORY_END, type: 1 },
    { start: LOW_MEMORY_END, size: 0x400, type: 2 },
    { start: FIRMWARE, size: 0x10000, type: 2 },
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
