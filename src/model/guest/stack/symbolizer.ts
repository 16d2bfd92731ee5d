import type { GuestMemory } from "../../doors/guest.ts";
import type { Location, SymbolTable } from "./kallsyms.ts";
import type { PagingState } from "./page-tables.ts";
import { readByte } from "./walk.ts";

/** `push ebp; mov ebp, esp`, with which every function of a kernel with frame pointers begins … */
const PROLOGUE = [0x55, 0x89, 0xe5];
/** … after the 5 bytes ftrace keeps for itself: a call or one of two no-operations. */
const FTRACE_BYTES = 5;
const FTRACE_FIRST = [0x0f, 0x3e, 0xe8];
/** Functions of a module that are looked at. */
const SAMPLE = 24;
/** Functions with a frame among them that are enough: at another place hardly one would be. */
const ENOUGH = 2;

/**
 * Names guest addresses. A table recorded in an earlier run is right for the kernel, which always lies at the same
 * place; a module's functions count only while functions really begin where the table says.
 */
export class Symbolizer {
  readonly #memory: GuestMemory;
  #table: SymbolTable | undefined;
  /** Modules that are where the table says. */
  readonly #trusted = new Set<string>();
  #trustAll = false;
  /** The byte that is really at an address where the debugger has put another one. */
  originalByte: (address: number) => number | undefined = () => undefined;

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  get table(): SymbolTable | undefined {
    return this.#table;
  }

  /** `live`: the table comes from the guest that is running. */
  use(table: SymbolTable, live: boolean): void {
    this.#table = table;
    this.#trustAll = live;
    this.#trusted.clear();
  }

  /** The function at a linear address. */
  locate(paging: PagingState, address: number): Location | undefined {
    const found = this.#table?.locate(address);
    if (found?.symbol.module === undefined || this.#trustAll) return found;
    const { module } = found.symbol;
    if (this.#trusted.has(module)) return found;
    if (!this.#isLoaded(paging, module)) return undefined;
    this.#trusted.add(module);
    return found;
  }

  /** Some functions set up a frame first of all; the others do that later or not at all. */
  #isLoaded(paging: PagingState, module: string): boolean {
    const functions = this.#table?.functionsOf(module, SAMPLE) ?? [];
    const found = functions.filter((symbol) => this.hasFrame(paging, symbol.address));
    return found.length >= Math.min(ENOUGH, functions.length) && found.length > 0;
  }

  /** Whether `address` is in front of the function's frame: at its first byte, or behind ftrace's. */
  isAtEntry(paging: PagingState, address: number): boolean {
    const found = this.#table?.locate(address);
    return found?.offset === 0 || (found?.offset === FTRACE_BYTES && this.hasFrame(paging, found.symbol.address));
  }

  /** Whether the function that begins at `address` sets up a frame first of all. */
  hasFrame(paging: PagingState, address: number): boolean {
    const byte = (at: number): number | undefined => this.originalByte(at) ?? readByte(this.#memory, paging, at);
    const at = FTRACE_FIRST.includes(byte(address) ?? 0) ? address + FTRACE_BYTES : address;
    return PROLOGUE.every((expected, i) => byte(at + i) === expected);
  }
}
