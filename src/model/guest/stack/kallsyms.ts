/** A kernel's symbols as `/proc/kallsyms` lists them: `c0100000 T _stext` and `f7c01000 t vp_notify	[virtio_pci]`. */

export interface GuestSymbol {
  readonly name: string;
  readonly address: number;
  /** Module it belongs to; undefined for the kernel itself. */
  readonly module: string | undefined;
  readonly isFunction: boolean;
  /** Bytes, where that is known. */
  readonly size?: number;
}

export interface Location {
  readonly symbol: GuestSymbol;
  /** Bytes from the symbol's start. */
  readonly offset: number;
}

/** Larger than any kernel's list; a guest that sends more is not believed. */
export const MAX_KALLSYMS_BYTES = 32 * 1024 * 1024;
/** A function is never longer than this; beyond it an address belongs to nothing known. */
const MAX_FUNCTION = 16 * 1024;
/** The same for the rarely executed part the compiler splits off, which ends a module's code. */
const MAX_COLD = 1024;

const TEXT_TYPES = "tTwW";

/** A name that says less than another one of the same place: the linker's marks, and what every module has. */
const isMark = (name: string): boolean =>
  /^__(begin|end|start)_|^_.*_(start|end|begin)$|^(init|cleanup)_module$/.test(name);

/** Symbols sorted by address, for address to function and name to address. */
export class SymbolTable {
  readonly #addresses: Uint32Array;
  readonly #symbols: readonly GuestSymbol[];
  readonly #byName: ReadonlyMap<string, GuestSymbol>;
  /** Those whose name another one before them has. */
  readonly #more = new Map<string, GuestSymbol[]>();
  /** Where what is not found here is looked for. */
  readonly #kernel: SymbolTable | undefined;

  private constructor(symbols: GuestSymbol[], kernel?: SymbolTable) {
    this.#kernel = kernel;
    // Of several names for one place marks come first, so that a search from above finds the function.
    symbols.sort((a, b) => a.address - b.address || Number(isMark(b.name)) - Number(isMark(a.name)));
    this.#symbols = symbols;
    this.#addresses = Uint32Array.from(symbols, (symbol) => symbol.address);
    const byName = new Map<string, GuestSymbol>();
    for (const symbol of symbols) {
      if (!byName.has(symbol.name)) {
        byName.set(symbol.name, symbol);
        continue;
      }
      const more = this.#more.get(symbol.name);
      if (more === undefined) this.#more.set(symbol.name, [symbol]);
      else more.push(symbol);
    }
    this.#byName = byName;
  }

  /** Parses a list; lines of another form are passed over. Throws when it is too long or names nothing. */
  static parse(text: string): SymbolTable {
    if (text.length > MAX_KALLSYMS_BYTES) {
      throw new Error(`kallsyms of ${text.length} bytes, at most ${MAX_KALLSYMS_BYTES} are taken`);
    }
    const symbols: GuestSymbol[] = [];
    for (const line of text.split("\n")) {
      const address = Number.parseInt(line.slice(0, 8), 16);
      if (!(address > 0) || line[8] !== " ") continue;
      const tab = line.indexOf("\t", 11);
      const name = tab < 0 ? line.slice(11) : line.slice(11, tab);
      const module = tab < 0 ? undefined : line.slice(tab + 2, -1);
      symbols.push({ name, address, module, isFunction: TEXT_TYPES.includes(line[9]) });
    }
    if (symbols.length === 0) throw new Error("kallsyms names no symbol (is kptr_restrict set in the guest?)");
    return new SymbolTable(symbols);
  }

  /** Undefined when there are none. */
  static of(symbols: readonly GuestSymbol[]): SymbolTable | undefined {
    return symbols.length === 0 ? undefined : new SymbolTable([...symbols]);
  }

  /** The same kernel with modules `distances` bytes further up. `others`: the remaining modules stay in the list. */
  withModules(distances: ReadonlyMap<string, number>, others: boolean): SymbolTable {
    const symbols: GuestSymbol[] = [];
    for (const symbol of this.#symbols) {
      const { module, address } = symbol;
      const distance = module === undefined ? 0 : distances.get(module);
      if (distance !== undefined) symbols.push(distance === 0 ? symbol : { ...symbol, address: address + distance });
      else if (others) symbols.push(symbol);
    }
    return new SymbolTable(symbols);
  }

  /** The kernel without its modules. */
  withoutModules(): SymbolTable {
    return this.withModules(new Map(), false);
  }

  /** The same kernel with other modules, whose functions these are. */
  withSymbols(ofModules: readonly GuestSymbol[]): SymbolTable {
    return new SymbolTable([...ofModules], this);
  }

  /** Where the lowest function is; values of other symbols need not be addresses. */
  get lowest(): number | undefined {
    return this.#symbols.find(({ isFunction }) => isFunction)?.address;
  }

  get size(): number {
    return this.#symbols.length + (this.#kernel?.size ?? 0);
  }

  /** Functions of each module, in the order of their addresses. */
  modules(): Map<string, GuestSymbol[]> {
    const modules = new Map<string, GuestSymbol[]>();
    for (const symbol of this.#symbols) {
      if (symbol.module === undefined || !symbol.isFunction) continue;
      const functions = modules.get(symbol.module);
      if (functions === undefined) modules.set(symbol.module, [symbol]);
      else functions.push(symbol);
    }
    return modules;
  }

  /** The functions of that name: static ones may be there several times. At most `count`. */
  functionsNamed(name: string, count: number): GuestSymbol[] {
    const first = this.#byName.get(name);
    const own = first === undefined ? [] : [first, ...(this.#more.get(name) ?? [])];
    const found = own.filter(({ isFunction }) => isFunction).slice(0, count);
    return this.#kernel === undefined ? found : [...this.#kernel.functionsNamed(name, count), ...found].slice(0, count);
  }

  byName(name: string): GuestSymbol | undefined {
    return this.#kernel?.byName(name) ?? this.#byName.get(name);
  }

  /** The function an address lies in. */
  locate(address: number): Location | undefined {
    return this.#locate(address) ?? this.#kernel?.locate(address);
  }

  #locate(address: number): Location | undefined {
    const addresses = this.#addresses;
    let low = 0;
    let high = addresses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (addresses[middle] <= address) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0 && address - addresses[i] < MAX_FUNCTION; i--) {
      const symbol = this.#symbols[i];
      if (!symbol.isFunction) continue;
      const offset = address - addresses[i];
      if (symbol.size !== undefined && symbol.size > 0 && offset >= symbol.size) continue;
      return symbol.name.endsWith(".cold") && offset > MAX_COLD ? undefined : { symbol, offset };
    }
    return undefined;
  }
}
