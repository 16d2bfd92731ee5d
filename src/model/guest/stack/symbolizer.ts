import type { GuestMemory } from "../../doors/guest.ts";
import type { GuestSymbol, Location, SymbolTable } from "./kallsyms.ts";
import { MODULE_EVENTS, ModuleList } from "./module-list.ts";
import { PAGE, placeOfModule } from "./module-places.ts";
import type { PagingState } from "./page-tables.ts";
import { KERNEL_BASE, LOW_KERNEL_BASE, readByte } from "./walk.ts";

/** `push ebp; mov ebp, esp`, with which every function of a kernel with frame pointers begins … */
const PROLOGUE = [0x55, 0x89, 0xe5];
/** … after the 5 bytes ftrace keeps for itself: a call or one of two no-operations. */
const FTRACE_BYTES = 5;
const FTRACE_FIRST = [0x0f, 0x3e, 0xe8];
/** Functions of one name that are looked at. */
const MOST_OF_A_NAME = 16;
/** Memory beyond it is not mapped with the kernel's (a 32-bit kernel with the usual split). */
const MAX_LOWMEM = 896 * 1024 * 1024;

/**
 * Names guest addresses. A table recorded in an earlier run is right for the kernel, which always lies at the same
 * place; modules come and go, each time at another one. Which there are is read from the kernel's own list. Where that
 * cannot be found a module is looked for when an address has no name.
 */
export class Symbolizer {
  readonly #memory: GuestMemory;
  /** The table that was given. */
  #given: SymbolTable | undefined;
  /** The given one, its modules where they are, those not found yet where they were. */
  #table: SymbolTable | undefined;
  /** Without modules that have not been found. */
  #certain: SymbolTable | undefined;
  /** Modules that have not been found, with their functions. */
  #missing = new Map<string, readonly GuestSymbol[]>();
  #list: ModuleList | undefined;
  /** The kernel alone, once the list has been read. */
  #kernel: SymbolTable | undefined;
  /** Bytes the others have moved. */
  readonly #distances = new Map<string, number>();
  /** Where their last functions begin. */
  readonly #lastOf = new Map<string, number>();
  /** The byte that is really at an address where the debugger has put another one. */
  originalByte: (address: number) => number | undefined = () => undefined;

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  readonly moduleEvents = MODULE_EVENTS;

  get table(): SymbolTable | undefined {
    return this.#table;
  }

  /** `live`: the table comes from the guest that is running. */
  use(table: SymbolTable, live: boolean): void {
    this.#given = table;
    this.#table = table;
    this.#distances.clear();
    this.#lastOf.clear();
    this.#missing = live ? new Map() : table.modules();
    this.#kernel = undefined;
    this.#list = new ModuleList(this.#memory, table);
    this.#certain = this.#missing.size === 0 ? table : table.withModules(this.#distances, false);
  }

  /** The kernel's code and stacks are above it. */
  get kernelBase(): number {
    return (this.#given?.lowest ?? KERNEL_BASE) < KERNEL_BASE ? LOW_KERNEL_BASE : KERNEL_BASE;
  }

  /**
   * Looks which modules are loaded; whether that has changed. `leaving`: the `struct module` that is about to be freed.
   */
  refresh(paging: PagingState, leaving?: number): boolean {
    const symbols = this.#list?.changed(paging, leaving);
    if (symbols === undefined) return false;
    this.#kernel ??= this.#given?.withoutModules();
    this.#table = this.#kernel?.withSymbols(symbols);
    this.#certain = this.#table;
    this.#missing = new Map();
    return true;
  }

  /** A module that has a function of that name, as far as the given table knows, and is not loaded. */
  unloadedModuleOf(name: string): string | undefined {
    if (this.#kernel === undefined && this.#missing.size === 0) return undefined;
    const known = this.#given?.functionsNamed(name, MOST_OF_A_NAME) ?? [];
    const modules = known.flatMap(({ module }) => module ?? []);
    if (modules.length < known.length) return undefined;
    const isThere = this.#certain?.functionsNamed(name, 1).length !== 0;
    return isThere ? undefined : modules[0];
  }

  /** The function at a linear address. */
  locate(paging: PagingState, address: number): Location | undefined {
    const found = this.#certain?.locate(address);
    if (this.#missing.size === 0) return found;
    if (found !== undefined && !this.#isBehindModule(found)) return found;
    if (!this.#canBeModule(paging, address)) return undefined;
    const place = placeOfModule(this.#missing, address, (at) => this.hasFrame(paging, at));
    if (place === undefined) return undefined;
    const functions = this.#missing.get(place.module) ?? [];
    this.#lastOf.set(place.module, (functions.at(-1)?.address ?? 0) + place.distance);
    this.#missing.delete(place.module);
    this.#distances.set(place.module, place.distance);
    this.#table = this.#given?.withModules(this.#distances, true);
    this.#certain = this.#given?.withModules(this.#distances, false);
    return this.#certain?.locate(address);
  }

  /** On a page behind the module's last function, where another module may be that has not been found, or nothing known. */
  #isBehindModule({ symbol: { module, address }, offset }: Location): boolean {
    if (module === undefined || address !== this.#lastOf.get(module)) return false;
    return (address % PAGE) + offset >= PAGE;
  }

  /** Modules are in the area of vmalloc, behind what is mapped of the memory as it is. */
  #canBeModule(paging: PagingState, address: number): boolean {
    const vmalloc = KERNEL_BASE + Math.min(this.#memory.size, MAX_LOWMEM);
    return address >= vmalloc && readByte(this.#memory, paging, address) !== undefined;
  }

  /** Whether `address` is in front of the function's frame: at its first byte, or behind ftrace's. */
  isAtEntry(paging: PagingState, address: number): boolean {
    const found = this.#certain?.locate(address);
    return found?.offset === 0 || (found?.offset === FTRACE_BYTES && this.hasFrame(paging, found.symbol.address));
  }

  /** Whether the function that begins at `address` sets up a frame first of all. */
  hasFrame(paging: PagingState, address: number): boolean {
    const byte = (at: number): number | undefined => this.originalByte(at) ?? readByte(this.#memory, paging, at);
    const at = FTRACE_FIRST.includes(byte(address) ?? 0) ? address + FTRACE_BYTES : address;
    return PROLOGUE.every((expected, i) => byte(at + i) === expected);
  }
}
