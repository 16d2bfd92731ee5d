import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import type { Station } from "../chain/station.ts";
import type { StationRegistry } from "../chain/station-registry.ts";
import type { GuestMemory } from "../doors/guest.ts";
import type { CpuState, GuestFrame, GuestStack } from "../doors/guest-debug.ts";
import type { SymbolTable } from "./stack/kallsyms.ts";
import { Symbolizer } from "./stack/symbolizer.ts";
import { KERNEL_BASE, readByte, readWord, walkKernelStack } from "./stack/walk.ts";

const UNKNOWN = "(unknown)";
/** How far above ESP the return address of a function without a frame is looked for. */
const FRAMELESS_WORDS = 16;
const MAX_CACHED = 4096;
const VALUES = { address: "hex" } as const;
/** A call the compiler has inlined: without a frame of its own, but its caller calls what only it calls. */
const INLINED = [{ caller: "virtqueue_kick", callee: "vp_notify", inlined: "virtqueue_notify" }] as const;

/** What the kernel calls to start a module: its name is gone with its code by the time the guest tells its symbols. */
const MODULE_INIT = { caller: "do_one_initcall", name: "init_module" };

/** In front of its function's frame, behind it, or in a function that sets up none at its beginning. */
type Place = "entry" | "framed" | "frameless";

/** Turns the guest kernel's stack into frames of the guest's context: known functions are stations, others just named. */
export class GuestFrames implements GuestStack {
  readonly symbols: Symbolizer;
  readonly #memory: GuestMemory;
  readonly #cpu: { readonly cpuState: CpuState };
  readonly #chainStations: StationRegistry;
  readonly #addresses: number[] = [];
  readonly #stations = new Map<string, Station>();
  /** Stations by address, a return address negative, as the table `#named` gives them. */
  readonly #byAddress = new Map<number, Station>();
  /** By instruction address. */
  readonly #places = new Map<number, Place>();
  /** By word of the stack: whether a call precedes the address. */
  readonly #afterCall = new Map<number, boolean>();
  #named: SymbolTable | undefined;
  /** The stack as it was named last: a guest's exits come from the same few places again and again. */
  #lastAddresses: readonly number[] = [];
  #lastFrames: readonly GuestFrame[] = [];

  constructor(memory: GuestMemory, cpu: { readonly cpuState: CpuState }, chainStations: StationRegistry) {
    this.#chainStations = chainStations;
    this.symbols = new Symbolizer(memory);
    this.#memory = memory;
    this.#cpu = cpu;
  }

  /** Pushes the frames, outermost first, recorded if the chain records; returns how many. Those in front of one that is open are. */
  open(chain: Chain, context: Context): number {
    const frames = this.read();
    const inner = context.stations[context.depth - 1]?.id;
    const first = context.depth === 0 ? 0 : frames.findLastIndex(({ station }) => station.id === inner) + 1;
    for (let i = first; i < frames.length; i++) {
      const { station, address } = frames[i];
      context.push(station, address, undefined, undefined, undefined);
      // They were all entered before the exit: one time does for them.
      if (i > first) chain.recordAlso();
      else if (!chain.record()) continue;
      chain.emit(address);
    }
    return frames.length - first;
  }

  /** The kernel stack of the CPU as it stands, outermost first. */
  read(): readonly GuestFrame[] {
    const cpu = this.#cpu.cpuState;
    this.symbols.refresh(cpu);
    this.#forgetStale();
    const addresses = this.#addresses;
    walkKernelStack(this.#memory, cpu, addresses, this.symbols.kernelBase);
    if (this.symbols.kernelBase < KERNEL_BASE) this.#cutBehindUnknown(cpu);
    this.#addCallerOfFrameless(cpu);
    if (isSame(addresses, this.#lastAddresses)) return this.#lastFrames;
    const frames = this.#name(cpu, addresses);
    // What has no name yet may belong to a module that is still to be loaded.
    const known = addresses.every((address, i) => this.#byAddress.has(keyOf(address, i === 0)));
    this.#lastAddresses = known ? [...addresses] : [];
    this.#lastFrames = frames;
    return frames;
  }

  /** A kernel that is not Linux may keep no frame pointers: what its stack seems to hold counts as far as it has names. */
  #cutBehindUnknown(cpu: CpuState): void {
    const unknown = this.#addresses.findIndex(
      (address, i) => i > 0 && this.symbols.locate(cpu, address - 1) === undefined,
    );
    if (unknown > 0) this.#addresses.length = unknown;
  }

  #name(cpu: CpuState, addresses: readonly number[]): GuestFrame[] {
    const frames: GuestFrame[] = [];
    for (let i = addresses.length - 1; i >= 0; i--) {
      const address = addresses[i];
      const caller = frames.at(-1);
      let station = this.#stationAt(cpu, address, i === 0);
      if (station.id === UNKNOWN && caller?.station.id === MODULE_INIT.caller) {
        station = this.#station(MODULE_INIT.name, undefined);
      }
      const inlined = INLINED.find((call) => call.caller === caller?.station.id && call.callee === station.id);
      if (inlined !== undefined && caller !== undefined) {
        frames.push({ station: this.#station(inlined.inlined, undefined), address: caller.address });
      }
      frames.push({ station, address });
    }
    return frames;
  }

  /**
   * A short function may be without a frame of its own, as iowrite16 on its way to the port: EBP is its caller's then,
   * and the caller would be missing. Its return address is the first one between ESP and EBP that follows a call.
   */
  #addCallerOfFrameless(cpu: CpuState): void {
    const place = this.#placeOf(cpu);
    if (place === "entry") {
      const word = readWord(this.#memory, cpu, cpu.esp);
      if (word !== undefined && this.#followsCall(cpu, word)) this.#addresses.splice(1, 0, word);
      return;
    }
    if (place !== "frameless") return;
    const end = Math.min(cpu.ebp, cpu.esp + 4 * FRAMELESS_WORDS);
    for (let at = cpu.esp; at < end; at += 4) {
      const word = readWord(this.#memory, cpu, at);
      if (word === undefined || !this.#followsCall(cpu, word)) continue;
      this.#addresses.splice(1, 0, word);
      return;
    }
  }

  /** Where in its function the CPU is, as far as frames go; undefined where no function is known. */
  #placeOf(cpu: CpuState): Place | undefined {
    let place = this.#places.get(cpu.eip);
    if (place === undefined && cpu.cpl === 0) {
      const function_ = this.symbols.locate(cpu, cpu.eip)?.symbol;
      if (function_ === undefined) return undefined;
      if (this.symbols.isAtEntry(cpu, cpu.eip)) place = "entry";
      else place = this.symbols.hasFrame(cpu, function_.address) ? "framed" : "frameless";
      this.#places.set(cpu.eip, place);
    }
    return place;
  }

  /** A near call before `address`: relative, or through a register or memory. */
  #followsCall(cpu: CpuState, address: number): boolean {
    let follows = this.#afterCall.get(address);
    if (follows === undefined) {
      if (this.symbols.locate(cpu, address - 1) === undefined) return false;
      follows = this.#hasCallBefore(cpu, address);
      this.#afterCall.set(address, follows);
    }
    return follows;
  }

  #hasCallBefore(cpu: CpuState, address: number): boolean {
    const byte = (back: number): number | undefined => readByte(this.#memory, cpu, address - back);
    return byte(5) === 0xe8 || [2, 3, 6].some((back) => byte(back) === 0xff && ((byte(back - 1) ?? 0) & 0x38) === 0x10);
  }

  /** Module and offset of a frame's address; no offset where the frame's function was inlined or is unknown. */
  locationOf(frame: GuestFrame, innermost: boolean): { module: string | undefined; offset: number | undefined } {
    const found = this.symbols.locate(this.#cpu.cpuState, innermost ? frame.address : frame.address - 1);
    const offset = found?.symbol.name === frame.station.id ? frame.address - found.symbol.address : undefined;
    return { module: found?.symbol.module, offset };
  }

  /** Nothing is kept that another table of symbols named, and no more than a bounded number of addresses. */
  #forgetStale(): void {
    const size = Math.max(this.#byAddress.size, this.#places.size, this.#afterCall.size);
    if (this.#named === this.symbols.table && size <= MAX_CACHED) return;
    this.#byAddress.clear();
    this.#places.clear();
    this.#afterCall.clear();
    this.#lastAddresses = [];
    this.#named = this.symbols.table;
  }

  /** The function at `address`; a return address belongs to the call before it. */
  stationAt(cpu: CpuState, address: number, innermost: boolean): Station {
    this.#forgetStale();
    return this.#stationAt(cpu, address, innermost);
  }

  #stationAt(cpu: CpuState, address: number, innermost: boolean): Station {
    const key = keyOf(address, innermost);
    const cached = this.#byAddress.get(key);
    if (cached !== undefined) return cached;
    const found = this.symbols.locate(cpu, innermost ? address : address - 1);
    const station = this.#station(found?.symbol.name ?? UNKNOWN, found?.symbol.module);
    if (found !== undefined) this.#byAddress.set(key, station);
    return station;
  }

  #station(id: string, module: string | undefined): Station {
    let station = this.#stations.get(id);
    if (station === undefined) {
      const known = this.#chainStations.ofGuest(id);
      const about = `function of the guest's ${module === undefined ? "kernel" : `module ${module}`}`;
      const other = {
        layer: "guest",
        repository: "torvalds/linux",
        file: "",
        contexts: ["guest.task"],
        about,
      } as const;
      station = { ...(known ?? other), id, values: VALUES };
      this.#stations.set(id, station);
    }
    return station;
  }
}

const keyOf = (address: number, innermost: boolean): number => (innermost ? address : -address);

/** An empty list, which names nothing, is like no other. */
function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length || a.length === 0) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
