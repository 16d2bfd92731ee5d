import { elfFunctions } from "../guest/boot/elf-symbols.ts";
import { SymbolTable } from "../guest/stack/kallsyms.ts";
import type { ObservedMachine } from "./observed-machine.ts";

/** The names of the guest's functions: recorded ones or the kernel file's at first, then the guest's own. */
export class GuestSymbols {
  /** The list the running guest has sent. */
  live: string | undefined;
  readonly #on: ObservedMachine;
  readonly #told: (count: number) => void;

  /** `told` is called with their number when there are others. */
  constructor(on: ObservedMachine, told: (count: number) => void) {
    this.#on = on;
    this.#told = told;
  }

  /** `recorded`: kallsyms of an earlier run. A kernel of the user's own may bring its names along. */
  begin(recorded: string | undefined, kernel: Uint8Array): void {
    const table = recorded === undefined ? SymbolTable.of(elfFunctions(kernel)) : SymbolTable.parse(recorded);
    if (table !== undefined) this.#use(table, false);
  }

  /** The guest has sent its kallsyms. Throws when they cannot be used. */
  sent(list: string): void {
    this.#use(SymbolTable.parse(list), true);
    this.live = list;
  }

  #use(symbols: SymbolTable, live: boolean): void {
    for (const { frames } of this.#on.machine.engine.cpus) frames.symbols.use(symbols, live);
    this.#on.debugger.symbolsChanged();
    this.#told(symbols.size);
  }
}
