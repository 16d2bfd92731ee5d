import type { Station } from "../chain/station.ts";
import type { StationRegistry } from "../chain/station-registry.ts";
import { interruptEntry } from "../chain/stations/guest.ts";
import type { BreakPlace, BreakUser, CpuDebug, GuestSymbols } from "../doors/guest-debug.ts";

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

/** Why a function cannot be stopped at: for good, or `pending`, as things are now. */
export interface GuestProblem {
  readonly message: string;
  readonly pending: boolean;
}

/** Functions of the guest by name: which there are, and stopping where they are entered. */
export class GuestFunctions {
  /** The guest's functions of the chain that one steps to. */
  readonly chainFunctions: readonly string[];
  readonly cpu: CpuDebug;
  readonly #stations: StationRegistry;
  readonly #user: BreakUser;
  #table: GuestSymbols | undefined;
  readonly #addresses = new Map<string, readonly number[]>();
  /** By which the places that are stopped at were found. */
  #wantedBy: GuestSymbols | undefined;
  /** The function each planted place stands for. */
  #entered = new Map<number, string>();
  /** By address: what the kernel calls when modules come and go, while functions are stopped at. */
  #moduleEvents = new Map<number, string>();
  #wanted = 0;
  /** Told when other modules are loaded than before. */
  onModules: () => void = () => {};

  /** `onHit` is called where one of the places is reached. */
  constructor(cpu: CpuDebug, stations: StationRegistry, onHit: (place: BreakPlace) => void) {
    this.cpu = cpu;
    this.#stations = stations;
    this.chainFunctions = stations.all
      .filter(({ id, layer }) => layer === "guest" && !interruptEntry.includes(id))
      .map(({ id }) => id);
    this.#user = cpu.breaks.user(onHit);
  }

  /** Why a function cannot be stopped at, as far as that is known by now. */
  problem(name: string): GuestProblem | undefined {
    const pending = (message: string): GuestProblem => ({ message, pending: true });
    const { symbols } = this.cpu.frames;
    if (!NAME.test(name))
      return { message: `"${name}" is no function's name; inside the guest patterns mean nothing`, pending: false };
    if (symbols.table === undefined)
      return pending(`which functions the guest's kernel has is not known; ${name} waits until it tells its symbols`);
    symbols.refresh(this.cpu.cpuState);
    const module = symbols.unloadedModuleOf(name);
    if (module !== undefined) return pending(`${name} is a function of the module ${module}, which is not loaded`);
    const addresses = this.#addressesOf(name);
    if (addresses.length === 0) {
      return this.#stations.ofGuest(name) !== undefined
        ? pending(`the guest's kernel has no function ${name} of its own now; the compiler may have inlined it`)
        : pending(`neither the notify chain nor the guest's kernel nor a module that is loaded has a function ${name}`);
    }
    if (addresses.some((address) => this.cpu.breaks.canPlant(address) !== false)) return undefined;
    const message = `${name} begins with neither ftrace's no-operation nor a frame, so it cannot be stopped at`;
    return { message, pending: false };
  }

  /** Stops at these functions and, once, at a return. Unknown ones are passed over. */
  stopAt(names: Iterable<string>, returnTo: Return | undefined): void {
    const places: BreakPlace[] = [];
    const wanted = [...names];
    const { symbols } = this.cpu.frames;
    if (wanted.length > 0) symbols.refresh(this.cpu.cpuState);
    this.#entered = new Map();
    this.#moduleEvents = new Map();
    this.#wanted = wanted.length;
    this.#wantedBy = symbols.table;
    for (const name of wanted) {
      for (const address of this.#addressesOf(name)) {
        if (this.#entered.has(address)) continue;
        this.#entered.set(address, name);
        places.push({ address });
      }
    }
    for (const name of wanted.length > 0 ? symbols.moduleEvents : []) {
      for (const address of this.#addressesOf(name)) {
        this.#moduleEvents.set(address, name);
        if (!this.#entered.has(address)) places.push({ address });
      }
    }
    if (returnTo !== undefined) places.push({ address: returnTo.address, once: true });
    this.cpu.interrupts.wanted = places.length > 0;
    this.#user.want(places);
  }

  /** Modules have been found elsewhere since places were stopped at. */
  get isStale(): boolean {
    if (this.#wanted === 0) return false;
    const { symbols } = this.cpu.frames;
    symbols.refresh(this.cpu.cpuState);
    return this.#wantedBy !== symbols.table;
  }

  /** The function that has been entered, by the name it was asked for. */
  entered(address: number): Station | undefined {
    const name = this.#entered.get(address);
    const { cpuState, frames, registers } = this.cpu;
    const event = this.#moduleEvents.get(address);
    // Kernels of this processor pass the first argument in EAX.
    const leaving = event === "free_module" ? registers.eax : undefined;
    if (event !== undefined && frames.symbols.refresh(cpuState, leaving)) this.onModules();
    if (name === undefined) return undefined;
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
