/** Reads the parts of a 32-bit x86 ELF kernel (`vmlinux`) that booting needs. */

export interface ElfSegment {
  readonly offset: number;
  readonly physicalAddress: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

export interface ElfKernel {
  readonly entry: number;
  readonly segments: readonly ElfSegment[];
}

const ET_EXEC = 2;
const EM_386 = 3;
const PT_LOAD = 1;

/** Throws with what was found and what was expected when the file is not a bootable 32-bit kernel. */
export function parseElfKernel(file: Uint8Array, name: string): ElfKernel {
  const fail = (what: string): Error =>
    new Error(`${name} is not a kernel that can be booted: ${what}; expected a 32-bit x86 vmlinux (ELF) or bzImage`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 52 || view.getUint32(0) !== 0x7f454c46) throw fail("no ELF header");
  if (file[4] !== 1 || file[5] !== 1) throw fail(file[4] === 2 ? "it is a 64-bit ELF" : "not little-endian ELF32");
  if (view.getUint16(16, true) !== ET_EXEC) throw fail(`ELF type ${view.getUint16(16, true)} instead of an executable`);
  if (view.getUint16(18, true) !== EM_386) throw fail(`ELF machine ${view.getUint16(18, true)} instead of 386`);
  const entry = view.getUint32(24, true);
  const headers = view.getUint32(28, true);
  const entrySize = view.getUint16(42, true);
  const count = view.getUint16(44, true);
  if (entrySize < 32 || headers + count * entrySize > file.length) throw fail("program headers lie outside the file");
  const segments: ElfSegment[] = [];
  for (let i = 0; i < count; i++) {
    const at = headers + i * entrySize;
    if (view.getUint32(at, true) !== PT_LOAD) continue;
    const segment = {
      offset: view.getUint32(at + 4, true),
      physicalAddress: view.getUint32(at + 12, true),
      fileSize: view.getUint32(at + 16, true),
      memorySize: view.getUint32(at + 20, true),
    };
    if (segment.offset + segment.fileSize > file.length) throw fail(`segment ${i} ends outside the file (truncated?)`);
    if (segment.fileSize > segment.memorySize) throw fail(`segment ${i} is larger in the file than in memory`);
    segments.push(segment);
  }
  if (segments.length === 0) throw fail("it has nothing to load");
  return { entry, segments };
}
