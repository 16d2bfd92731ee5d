import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import type { Station } from "../chain/station.ts";
import { guestStations } from "../chain/stations/guest.ts";
import type { GuestMemory } from "../doors/guest.ts";
import type { SymbolTable } from "./stack/kallsyms.ts";
import { Symbolizer } from "./stack/symbolizer.ts";
import { type CpuState, readByte, readWord, walkKernelStack } from "./stack/walk.ts";

const UNKNOWN = "(unknown)";
/** How far above ESP the return address of a function without a frame is looked for. */
const FRAMELESS_WORDS = 16;
const MAX_CACHED = 4096;
const VALUES = { address: "hex" } as const;
/** A call the compiler has inlined: without a frame of its own, but its caller calls what only it calls. */
const INLINED = [{ caller: "virtqueue_kick", callee: "vp_notify", inlined: "virtqueue_notify" }] as const;

/** One function of the guest's stack; `address` is the instruction it is at, or returns to. */
export interface GuestFrame {
  readonly station: Station;
  readonly address: number;
}

/** Turns the guest kernel's stack into frames of the guest's context: known functions are stations, others just named. */
export class GuestFrames {
  readonly symbols: Symbolizer;
  readonly #memory: GuestMemory;
  readonly #cpu: { readonly cpuState: CpuState };
  readonly #addresses: number[] = [];
  readonly #stations = new Map<string, Station>();
  /** Stations by address, a return address negative, as the table `#named` gives them. */
  readonly #byAddress = new Map<number, Station>();
  #named: SymbolTable | undefined;

  constructor(memory: GuestMemory, cpu: { readonly cpuState: CpuState }) {
    this.symbols = new Symbolizer(memory);
    this.#memory = memory;
    this.#cpu = cpu;
  }

  /** Pushes the frames, outermost first, recorded if the chain records; returns how many. */
  open(chain: Chain, context: Context): number {
    const frames = this.read();
    for (const { station, address } of frames) {
      context.push(station, address, undefined, undefined, undefined);
      if (chain.record()) chain.emit(address);
    }
    return frames.length;
  }

  /** The kernel stack of the CPU as it stands, outermost first. */
  read(): GuestFrame[] {
    const cpu = this.#cpu.cpuState;
    walkKernelStack(this.#memory, cpu, this.#addresses);
    this.#addCallerOfFrameless(cpu);
    const frames: GuestFrame[] = [];
    for (let i = this.#addresses.length - 1; i >= 0; i--) {
      const address = this.#addresses[i];
      const station = this.stationAt(cpu, address, i === 0);
      const caller = frames.at(-1);
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
    const function_ = this.symbols.locate(cpu, cpu.eip)?.symbol;
    if (function_ === undefined) return;
    if (cpu.cpl === 0 && this.symbols.isAtEntry(cpu, cpu.eip)) {
      const word = readWord(this.#memory, cpu, cpu.esp);
      if (word !== undefined && this.#followsCall(cpu, word)) this.#addresses.splice(1, 0, word);
      return;
    }
    if (this.symbols.hasFrame(cpu, function_.address)) return;
    const end = Math.min(cpu.ebp, cpu.esp + 4 * FRAMELESS_WORDS);
    for (let at = cpu.esp; at < end; at += 4) {
      const word = readWord(this.#memory, cpu, at);
      if (word === undefined || !this.#followsCall(cpu, word)) continue;
      this.#addresses.splice(1, 0, word);
      return;
    }
  }

  /** A near call before `address`: relative, or through a register or memory. */
  #followsCall(cpu: CpuState, address: number): boolean {
    if (this.symbols.locate(cpu, address - 1) === undefined) return false;
    const byte = (back: number): number | undefined => readByte(this.#memory, cpu, address - back);
    return byte(5) === 0xe8 || [2, 3, 6].some((back) => byte(back) === 0xff && ((byte(back - 1) ?? 0) & 0x38) === 0x10);
  }

  /** Module and offset of a frame's address; no offset where the frame's function was inlined or is unknown. */
  locationOf(frame: GuestFrame, innermost: boolean): { module: string | undefined; offset: number | undefined } {
    const found = this.symbols.locate(this.#cpu.cpuState, innermost ? frame.address : frame.address - 1);
    const offset = found?.symbol.name === frame.station.id ? frame.address - found.symbol.address : undefined;
    return { module: found?.symbol.module, offset };
  }

  /** The function at `address`; a return address belongs to the call before it. */
  stationAt(cpu: CpuState, address: number, innermost: boolean): Station {
    if (this.#named !== this.symbols.table || this.#byAddress.size > MAX_CACHED) {
      this.#byAddress.clear();
      this.#named = this.symbols.table;
    }
    const key = innermost ? address : -address;
    const cached = this.#byAddress.get(key);
    if (cached !== undefined) return cached;
    const found = this.symbols.locate(cpu, innermost ? address : address - 1);
    const station = this.#station(found?.symbol.name ?? UNKNOWN, found?.symbol.module);
    // What has no name yet may belong to a module that is still to be loaded.
    if (found !== undefined) this.#byAddress.set(key, station);
    return station;
  }

  #station(id: string, module: string | undefined): Station {
    let station = this.#stations.get(id);
    if (station === undefined) {
      const known: Station | undefined = (guestStations as { readonly [id: string]: Station })[id];
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
