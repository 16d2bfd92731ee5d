import type { GuestSymbol } from "../stack/kallsyms.ts";

/** Functions of a kernel's file, by its symbol table, as far as it has not been stripped. */

const SECTION_SIZE = 40;
const SYMBOL_SIZE = 16;
const SHT_SYMTAB = 2;
const SHF_EXECINSTR = 4;
const STT_NOTYPE = 0;
const STT_FUNC = 2;
/** Section numbers from here on mean something else than a section. */
const SHN_LORESERVE = 0xff00;
/** More than any kernel has; a file that says otherwise is not believed. */
const MAX_SYMBOLS = 1024 * 1024;
const NAME = /^[A-Za-z_][\w.]*$/;

/** Of a 32-bit ELF file that `parseElfKernel` takes. What lies outside of the file is left out. */
export function elfFunctions(file: Uint8Array): GuestSymbol[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isThere = (at: number, bytes: number): boolean => at + bytes <= file.length;
  if (!isThere(0, 52)) return [];
  const headers = view.getUint32(32, true);
  const count = view.getUint16(48, true);
  if (view.getUint16(46, true) !== SECTION_SIZE || !isThere(headers, count * SECTION_SIZE)) return [];
  const word = (section: number, field: number): number =>
    section < count ? view.getUint32(headers + section * SECTION_SIZE + 4 * field, true) : 0;
  const sections = Array.from({ length: count }, (_, section) => section);
  const table = sections.find((section) => word(section, 1) === SHT_SYMTAB);
  if (table === undefined) return [];
  const [at, bytes, names] = [word(table, 4), word(table, 5), word(table, 6)];
  if (!isThere(at, bytes) || bytes / SYMBOL_SIZE > MAX_SYMBOLS) return [];
  const strings = file.subarray(word(names, 4), word(names, 4) + word(names, 5));
  const found: GuestSymbol[] = [];
  for (let symbol = at; symbol + SYMBOL_SIZE <= at + bytes; symbol += SYMBOL_SIZE) {
    // st_name, st_value, st_size, st_info, st_other, st_shndx
    const type = view.getUint8(symbol + 12) & 0xf;
    const section = view.getUint16(symbol + 14, true);
    const isCode = section < SHN_LORESERVE && (word(section, 2) & SHF_EXECINSTR) !== 0;
    if (!isCode || (type !== STT_FUNC && type !== STT_NOTYPE)) continue;
    const name = textAt(strings, view.getUint32(symbol, true));
    if (!NAME.test(name)) continue;
    const [address, size] = [view.getUint32(symbol + 4, true), view.getUint32(symbol + 8, true)];
    found.push({ name, address, module: undefined, isFunction: true, ...(size > 0 ? { size } : {}) });
  }
  return found;
}

function textAt(strings: Uint8Array, at: number): string {
  const end = strings.indexOf(0, at);
  return end < 0 || end - at > 512 ? "" : String.fromCharCode(...strings.subarray(at, end));
}
