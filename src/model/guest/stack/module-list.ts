import type { GuestMemory } from "../../doors/guest.ts";
import type { GuestSymbol, SymbolTable } from "./kallsyms.ts";
import type { PagingState } from "./page-tables.ts";
import { readLinear } from "./read-linear.ts";
import { KERNEL_BASE, readWord } from "./walk.ts";

/** `struct module` (include/linux/module.h) of a 32-bit kernel: its first fields, which have been so for decades. */
const STATE = 0;
const LIST = 4;
const NAME = 12;
/** MODULE_NAME_LEN: 64 less a long. */
const NAME_LENGTH = 60;
/** `enum module_state`: nothing is in its place yet. */
const UNFORMED = 3;
/** Where `kallsyms` is depends on the kernel's configuration; it is looked for up to here. */
const MAX_STRUCT = 2048;

const MAX_MODULES = 1024;
const MAX_SYMBOLS = 64 * 1024;
const SYMBOL_SIZE = 16;
const MAX_NAMES = 1024 * 1024;
const TEXT_TYPES = "tTwW";
const NAME_OF_MODULE = /^[\w-]+$/;

/** Functions whose code names the head of the list; the two must agree. How much of each is looked at. */
const NAMING_HEAD = ["print_modules", "find_module_all"] as const;
const CODE = 192;

/** The kernel calls the first with each module whose symbols are known, before its init; the second when one has ended. */
export const MODULE_EVENTS = ["do_init_module", "free_module"] as const;

interface Entry {
  /** Of its `struct module`. */
  readonly address: number;
  readonly state: number;
  readonly kallsyms: number;
}

/** The kernel's own list of its modules with their symbols, `modules` and `module.kallsyms`, read from its memory. */
export class ModuleList {
  readonly #memory: GuestMemory;
  readonly #kernel: SymbolTable;
  #head: number | undefined;
  /** Offset of `kallsyms` in `struct module`. */
  #kallsyms: number | undefined;
  #entries: readonly Entry[] | undefined;
  /** A module that is about to be taken from the list. */
  #leaving: number | undefined;

  constructor(memory: GuestMemory, kernel: SymbolTable) {
    this.#memory = memory;
    this.#kernel = kernel;
  }

  /**
   * The functions of all modules, if other modules are loaded than at the last call; undefined when there is nothing new,
   * and while the list cannot be read. `leaving`: the address of the `struct module` that free_module was called with.
   */
  changed(paging: PagingState, leaving?: number): GuestSymbol[] | undefined {
    this.#head ??= this.#findHead(paging);
    if (this.#head === undefined) return undefined;
    const listed = this.#walk(paging, this.#head);
    if (listed === undefined) return undefined;
    this.#leaving = leaving ?? this.#leaving;
    if (!listed.some(({ address }) => address === this.#leaving)) this.#leaving = undefined;
    const entries = listed.filter(({ address, state }) => address !== this.#leaving && state !== UNFORMED);
    if (this.#entries !== undefined && isSame(entries, this.#entries)) return undefined;
    this.#entries = entries;
    return entries.flatMap((entry) => this.#symbolsOf(paging, entry));
  }

  #findHead(paging: PagingState): number | undefined {
    const [first, second] = NAMING_HEAD.map((name) => {
      const address = this.#kernel.byName(name)?.address;
      const code = address === undefined ? undefined : readLinear(this.#memory, paging, address, CODE);
      return code === undefined ? [] : operands(code);
    });
    return first.find((word) => second.includes(word) && this.#isHead(paging, word));
  }

  #isHead(paging: PagingState, head: number): boolean {
    const next = this.#word(paging, head);
    return next !== undefined && next >= KERNEL_BASE && this.#word(paging, next + 4) === head;
  }

  /** Undefined where the list does not come back to its head. */
  #walk(paging: PagingState, head: number): Entry[] | undefined {
    const entries: Entry[] = [];
    let at = this.#word(paging, head);
    for (; at !== head; at = this.#word(paging, at)) {
      if (at === undefined || at < KERNEL_BASE || entries.length >= MAX_MODULES) return undefined;
      const address = at - LIST;
      const state = this.#word(paging, address + STATE);
      if (state === undefined || state > UNFORMED) return undefined;
      const kallsyms = state === UNFORMED ? 0 : this.#kallsymsOf(paging, address);
      entries.push({ address, state, kallsyms });
    }
    return entries;
  }

  #kallsymsOf(paging: PagingState, module: number): number {
    if (this.#kallsyms === undefined) {
      for (let offset = NAME + NAME_LENGTH; offset < MAX_STRUCT; offset += 4) {
        const address = this.#word(paging, module + offset);
        if (address === undefined || !this.#isKallsyms(paging, address)) continue;
        this.#kallsyms = offset;
        break;
      }
    }
    return this.#kallsyms === undefined ? 0 : (this.#word(paging, module + this.#kallsyms) ?? 0);
  }

  /** `struct mod_kallsyms`: symtab, num_symtab, strtab, typetab. The first symbol and the first name are empty. */
  #isKallsyms(paging: PagingState, address: number): boolean {
    if (address < KERNEL_BASE || address % 4 !== 0) return false;
    const [symbols, count, names, types] = [0, 4, 8, 12].map((offset) => this.#word(paging, address + offset) ?? 0);
    if (count < 1 || count > MAX_SYMBOLS || [symbols, names, types].some((pointer) => pointer < KERNEL_BASE))
      return false;
    const empty = [0, 4].every((offset) => this.#word(paging, symbols + offset) === 0);
    return empty && readLinear(this.#memory, paging, names, 1)?.[0] === 0;
  }

  #symbolsOf(paging: PagingState, { address, kallsyms }: Entry): GuestSymbol[] {
    const module = this.#text(paging, address + NAME, NAME_LENGTH);
    if (!NAME_OF_MODULE.test(module) || !this.#isKallsyms(paging, kallsyms)) return [];
    const [symbols, count, names, types] = [0, 4, 8, 12].map((offset) => this.#word(paging, kallsyms + offset) ?? 0);
    const table = readLinear(this.#memory, paging, symbols, count * SYMBOL_SIZE);
    const letters = readLinear(this.#memory, paging, types, count);
    if (table === undefined || letters === undefined) return [];
    const view = new DataView(table.buffer);
    const found: GuestSymbol[] = [];
    for (let i = 1; i < count; i++) {
      if (!TEXT_TYPES.includes(String.fromCharCode(letters[i]))) continue;
      // struct elf32_sym: st_name, st_value, st_size
      const [at, value, size] = [0, 4, 8].map((offset) => view.getUint32(i * SYMBOL_SIZE + offset, true));
      const name = at < MAX_NAMES ? this.#text(paging, names + at, 256) : "";
      if (name !== "" && value !== 0) found.push({ name, address: value, module, isFunction: true, size });
    }
    return found;
  }

  #word(paging: PagingState, address: number): number | undefined {
    return readWord(this.#memory, paging, address);
  }

  /** Up to the first zero; empty where it has none within `most` bytes that can be read. */
  #text(paging: PagingState, address: number, most: number): string {
    const toPageEnd = 4096 - (address % 4096);
    const bytes =
      readLinear(this.#memory, paging, address, most) ?? readLinear(this.#memory, paging, address, toPageEnd);
    const end = bytes?.indexOf(0) ?? -1;
    return bytes === undefined || end < 0 ? "" : String.fromCharCode(...bytes.subarray(0, end));
  }
}

/** Everything in the code that could be the address of data. */
function operands(code: Uint8Array): number[] {
  const view = new DataView(code.buffer);
  const found: number[] = [];
  for (let i = 0; i + 4 <= code.length; i++) {
    const word = view.getUint32(i, true);
    if (word >= KERNEL_BASE && word % 4 === 0) found.push(word);
  }
  return found;
}

const isSame = (a: readonly Entry[], b: readonly Entry[]): boolean =>
  a.length === b.length &&
  a.every(({ address, kallsyms, state }, i) => {
    const other = b[i];
    return address === other.address && kallsyms === other.kallsyms && state === other.state;
  });
