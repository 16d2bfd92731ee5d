import type { Station } from "../chain/station.ts";
import type { StationRegistry } from "../chain/station-registry.ts";
import type { BreakPlace, CpuDebug, GuestSymbols } from "../doors/guest-debug.ts";

/** Static functions of one name that are stopped at. */
const MOST_OF_A_NAME = 16;
const NAME = /^[A-Za-z_][\w.]*$/;
/** `esp` differs by less than a kernel stack where two places are on the same one. */
const STACK_SHIFT = 13;

/** Where a function of the guest will have returned to its caller. */
export interface Return {
  readonly address: number;
  readonly esp: number;
}

/** Functions of the guest by name: which there are, and stopping where they are entered. */
export class GuestFunctions {
  /** The guest's functions of the chain. */
  readonly chainFunctions: readonly string[];
  readonly cpu: CpuDebug;
  readonly #stations: StationRegistry;
  #table: GuestSymbols | undefined;
  readonly #addresses = new Map<string, readonly number[]>();
  /** By which the places that are stopped at were found. */
  #wantedBy: GuestSymbols | undefined;
  /** The function each planted place stands for. */
  #entered = new Map<number, string>();

  constructor(cpu: CpuDebug, stations: StationRegistry) {
    this.cpu = cpu;
    this.#stations = stations;
    this.chainFunctions = stations.all.filter(({ layer }) => layer === "guest").map(({ id }) => id);
  }

  /** Why a function cannot be stopped at, as far as that is known by now. */
  problem(name: string): string | undefined {
    const { symbols } = this.cpu.frames;
    if (!NAME.test(name)) return `"${name}" is no function's name; inside the guest patterns mean nothing`;
    // Until the guest has told its symbols it is waited for.
    if (symbols.table === undefined) return undefined;
    const addresses = this.#addressesOf(name);
    if (addresses.length === 0) {
      return this.#stations.ofGuest(name) !== undefined
        ? `the guest's kernel has no function ${name} of its own; the compiler may have inlined it`
        : `neither the notify chain nor the guest's kernel has a function ${name}`;
    }
    if (addresses.some((address) => this.cpu.breaks.canPlant(address) !== false)) return undefined;
    return `${name} begins with neither ftrace's no-operation nor a frame, so it cannot be stopped at`;
  }

  /** Stops at these functions and, once, at a return. Unknown ones are passed over. */
  stopAt(names: Iterable<string>, returnTo: Return | undefined): void {
    const places: BreakPlace[] = [];
    this.#entered = new Map();
    this.#wantedBy = this.cpu.frames.symbols.table;
    for (const name of names) {
      for (const address of this.#addressesOf(name)) {
        if (this.#entered.has(address)) continue;
        this.#entered.set(address, name);
        places.push({ address });
      }
    }
    if (returnTo !== undefined) places.push({ address: returnTo.address, once: true });
    if (places.length > 0 || this.cpu.breaks.active || this.cpu.breaks.pending) this.cpu.breaks.want(places);
  }

  /** Modules have been found elsewhere since places were stopped at. */
  get isStale(): boolean {
    return this.#entered.size > 0 && this.#wantedBy !== this.cpu.frames.symbols.table;
  }

  /** The function that has been entered, by the name it was asked for. */
  entered(address: number): Station | undefined {
    const name = this.#entered.get(address);
    if (name === undefined) return undefined;
    const { cpuState, frames } = this.cpu;
    return this.#stations.ofGuest(name) ?? frames.stationAt(cpuState, address, true);
  }

  /** Where the function the CPU is in returns to; undefined in user mode and where the stack cannot be read. */
  returnOf(): Return | undefined {
    const { cpuState, frames } = this.cpu;
    const stack = frames.read();
    const inner = stack.at(-1);
    const caller = stack.at(-2);
    if (cpuState.cpl !== 0 || inner === undefined || caller === undefined) return undefined;
    return { address: caller.address, esp: cpuState.esp };
  }

  /** Whether the function has returned, and not the same one of another task or of an interrupt. */
  hasReturned({ esp }: Return): boolean {
    const now = this.cpu.cpuState.esp;
    return now > esp && now >>> STACK_SHIFT === esp >>> STACK_SHIFT;
  }

  #addressesOf(name: string): readonly number[] {
    const { table } = this.cpu.frames.symbols;
    if (table !== this.#table) {
      this.#table = table;
      this.#addresses.clear();
    }
    let found = this.#addresses.get(name);
    if (found === undefined) {
      const aliases = this.#stations.ofGuest(name)?.aliases ?? [];
      found = [name, ...aliases]
        .map((known) => table?.functionsNamed(known, MOST_OF_A_NAME) ?? [])
        .find((symbols) => symbols.length > 0)
        ?.map(({ address }) => address);
      found ??= [];
      this.#addresses.set(name, found);
    }
    return found;
  }
}
