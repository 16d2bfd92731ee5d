import { defineStruct } from "../../abi/struct.ts";

/** The fields of Linux's `struct boot_params` ("zero page") that a 32-bit boot loader fills. */
export const bootParams = defineStruct("boot_params", 4096, "arch/x86/include/uapi/asm/bootparam.h", {
  e820_entries: { offset: 0x1e8, type: "u8", about: "entries of e820_table" },
  setup_sects: { offset: 0x1f1, type: "u8", about: "first field of the setup header" },
  boot_flag: { offset: 0x1fe, type: "u16", about: "0xAA55" },
  header: { offset: 0x202, type: "u32", about: "magic HdrS" },
  version: { offset: 0x206, type: "u16", about: "boot protocol version" },
  type_of_loader: { offset: 0x210, type: "u8", about: "0xff: undefined boot loader" },
  loadflags: { offset: 0x211, type: "u8", about: "bit 0: loaded high" },
  ramdisk_image: { offset: 0x218, type: "u32", about: "physical address of the initrd" },
  ramdisk_size: { offset: 0x21c, type: "u32", about: "bytes of the initrd" },
  cmd_line_ptr: { offset: 0x228, type: "u32", about: "physical address of the command line" },
  e820_table: { offset: 0x2d0, type: "bytes", count: 20 * 128, about: "memory map, 20 bytes an entry" },
});

export interface MemoryRange {
  readonly start: number;
  readonly size: number;
  /** 1 usable, 2 reserved. */
  readonly type: 1 | 2;
}

export interface BootParams {
  readonly commandLine: number;
  readonly initrd: number;
  readonly initrdSize: number;
  readonly memory: readonly MemoryRange[];
}

/** Boot protocol 2.12, what a kernel entered at its ELF entry point looks at. */
export function buildZeroPage(params: BootParams): Uint8Array {
  const page = new Uint8Array(bootParams.size);
  const view = new DataView(page.buffer);
  const at = bootParams.at;
  view.setUint16(at.boot_flag, 0xaa55, true);
  view.setUint32(at.header, 0x53726448, true);
  view.setUint16(at.version, 0x020c, true);
  page[at.type_of_loader] = 0xff;
  page[at.loadflags] = 1;
  view.setUint32(at.ramdisk_image, params.initrd, true);
  view.setUint32(at.ramdisk_size, params.initrdSize, true);
  view.setUint32(at.cmd_line_ptr, params.commandLine, true);
  page[at.e820_entries] = params.memory.length;
  params.memory.forEach((range, i) => {
    const entry = at.e820_table + i * 20;
    view.setBigUint64(entry, BigInt(range.start), true);
    view.setBigUint64(entry + 8, BigInt(range.size), true);
    view.setUint32(entry + 16, range.type, true);
  });
  return page;
}
