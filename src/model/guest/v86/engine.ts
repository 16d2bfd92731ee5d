import { LapicReg } from "../../abi/apic.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Context } from "../../chain/context.ts";
import type { AccessSize, GuestCpu, GuestMemory, VmExits } from "../../doors/guest.ts";
import { enterKernel } from "../boot/direct-boot.ts";
import { CurrentTask, type GuestTask } from "../current-task.ts";
import { GuestFrames } from "../guest-frames.ts";
import { translate } from "../stack/page-tables.ts";
import type { CpuState } from "../stack/walk.ts";
import type { VirtualClock } from "../virtual-time.ts";
import { type BreakCpu, CodeBreaks } from "./code-breaks.ts";
import { deliverKernelException } from "./exceptions.ts";
import {
  ApicWord,
  createV86,
  type EngineProgram,
  V86_IOAPIC_ADDRESS,
  type V86Cpu,
  type V86Hooks,
  type V86Views,
  viewsOf,
} from "./v86-internals.ts";

/** The guest cannot go on: what hardware would answer with a triple fault, or the engine gave up. */
export class GuestFault extends Error {}

/** The VM was paused or reset during an exit: the CPU leaves the instruction and runs no other. */
class CpuStopped extends Error {}

/** Registers of the APIC page by the word v86 keeps them in. */
const APIC_REGISTERS: ReadonlyMap<number, number> = new Map([
  [LapicReg.LDR, ApicWord.LDR],
  [LapicReg.DFR, ApicWord.DFR],
  [LapicReg.SVR, ApicWord.SVR],
]);

const GENERAL_PROTECTION = 13;
/** Privilege level. */
const USER = 3;
/** Limit of an interrupt descriptor table that holds the gates up to #GP. */
const IDT_UP_TO_GP = 8 * GENERAL_PROTECTION + 7;
const FLAG_IF = 0x200;
const EBP = 5;
const GENERAL_REGISTERS = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const;
const ESP = 4;
/** Segment register. */
const FS = 4;

/**
 * Ports of legacy chips that the engine answers itself, without a VM exit. On ACRN they exit too: the hypervisor
 * emulates interrupt controllers and RTC, acrn-dm the timer. Everything else, PCI configuration included, is an exit.
 */
const ENGINE_PORTS: readonly (readonly [first: number, last: number])[] = [
  [0x20, 0x21],
  [0x40, 0x43],
  [0x61, 0x61],
  [0x70, 0x71],
  [0x80, 0x80],
  [0xa0, 0xa1],
];

const VGA_MEMORY = { start: 0xa0000, end: 0xc0000 };

/** Told of each kick of one device: before anything of it happens, and when the guest is about to go on. */
export interface KickWatch {
  begin(queue: number): void;
  end(queue: number): void;
}

export interface EngineOptions {
  readonly chain: Chain;
  readonly clock: VirtualClock;
  readonly program: EngineProgram;
  readonly memoryBytes: number;
  readonly onInterruptLine: (line: number, level: boolean) => void;
  /** The guest has been seen outside its kernel for the first time. */
  readonly onUserSpace?: (() => void) | undefined;
  /** The watch of the device whose queue-notify register is at this port. */
  readonly kickAt: (port: number) => KickWatch | undefined;
}

/** How a slice ended. */
export type SliceEnd =
  | { readonly kind: "running" }
  /** Halted until an interrupt; the next timer is due in that many milliseconds. */
  | { readonly kind: "idle"; readonly milliseconds: number }
  /** Halted with interrupts off: it will never run again. */
  | { readonly kind: "dead" }
  /** Its VM no longer runs. */
  | { readonly kind: "stopped" };

/** One virtual CPU and its memory, run by v86. */
export class V86Engine implements GuestCpu, GuestMemory, BreakCpu, V86Hooks {
  readonly context: Context;
  readonly frames: GuestFrames;
  /** Where the guest's own code is to be stopped at. */
  readonly breaks: CodeBreaks;
  readonly #task: CurrentTask;
  /** VM exits by kind since the start. */
  readonly exits = { portRead: 0, portWrite: 0, mmioRead: 0, mmioWrite: 0 };
  readonly #chain: Chain;
  readonly #options: EngineOptions;
  readonly #enginePorts = new Uint8Array(0x10000);
  #cpu!: V86Cpu;
  #destroy: () => Promise<void> = async () => {};
  #vmExits!: VmExits;
  #lastViews: V86Views | undefined;
  #requested = false;
  #message: string | undefined;
  #stopped = false;
  #sawUserSpace = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#chain = options.chain;
    this.context = options.chain.addContext({ name: "guest:vcpu0", kind: "guest.task" });
    this.context.state = "running";
    this.frames = new GuestFrames(this, this, options.chain.stations);
    const { symbols } = this.frames;
    this.breaks = new CodeBreaks(this, this, (address, asEntry) => {
      const found = symbols.locate(this.cpuState, address);
      return found !== undefined && (!asEntry || found.offset === 0);
    });
    this.#task = new CurrentTask(this, symbols);
    symbols.originalByte = (address) => this.breaks.originalByte(address);
    for (const [first, last] of ENGINE_PORTS) this.#enginePorts.fill(1, first, last + 1);
  }

  /** Compiles v86 and allocates the guest's memory. */
  async start(vmExits: VmExits): Promise<void> {
    const { program, memoryBytes, clock, onInterruptLine } = this.#options;
    this.#vmExits = vmExits;
    const machine = await createV86(program, memoryBytes, this, clock);
    const cpu = machine.cpu;
    this.#cpu = cpu;
    this.#destroy = machine.destroy;
    // v86's own chips (timer, RTC) pull lines of the machine's interrupt controllers as well as of v86's PIC.
    const raise = cpu.device_raise_irq;
    const lower = cpu.device_lower_irq;
    cpu.device_raise_irq = (line) => {
      onInterruptLine(line, true);
      vmExits.enter(0);
      raise(line);
    };
    cpu.device_lower_irq = (line) => {
      onInterruptLine(line, false);
      lower(line);
    };
  }

  enterKernel(entry: number): void {
    enterKernel(this.#cpu, entry);
  }

  /** Runs the guest for about a millisecond, or until it halts. */
  runSlice(): SliceEnd {
    if (this.#stopped) return { kind: "stopped" };
    const chain = this.#chain;
    const previous = chain.current;
    chain.current = this.context;
    try {
      this.#vmExits.enter(0);
      if (this.breaks.pending) this.breaks.apply();
      const milliseconds = this.#runCpu();
      if (!this.#sawUserSpace && this.#views.cpl[0] === USER) {
        this.#sawUserSpace = true;
        this.#options.onUserSpace?.();
      }
      if (this.#cpu.in_hlt[0] === 0) return { kind: "running" };
      if ((this.#cpu.flags[0] & FLAG_IF) === 0) return { kind: "dead" };
      return { kind: "idle", milliseconds };
    } catch (error) {
      if (error instanceof CpuStopped) return { kind: "stopped" };
      throw error;
    } finally {
      chain.current = previous;
    }
  }

  /** The CPU executes no further instruction, and does not finish the one it is in. */
  stop(): void {
    this.#stopped = true;
  }

  #runCpu(): number {
    try {
      return this.#cpu.main_loop();
    } catch (error) {
      // v86 ends with a wasm trap where a processor would shut down, and where it meets what it does not emulate.
      if (error instanceof WebAssembly.RuntimeError) throw new GuestFault(this.#lastWords(error));
      throw error;
    }
  }

  #lastWords(error: Error): string {
    const at = hex(this.#cpu.previous_ip[0]);
    const table = this.#cpu.idtr_size[0];
    if (table < IDT_UP_TO_GP)
      return `triple fault at ${at}: no exception can be delivered, the IDT's limit is ${table}`;
    return `the guest's CPU gave up at ${at} (${this.#message ?? error.message})`;
  }

  message(text: string): void {
    this.#message = text.replace(/\s+/g, " ").trim();
  }

  destroy(): Promise<void> {
    return this.#destroy();
  }

  // --- GuestMemory ---

  get size(): number {
    return this.#views.bytes.length;
  }

  get bytes(): Uint8Array {
    return this.#views.bytes;
  }

  get view(): DataView {
    return this.#views.view;
  }

  /** wasm memory that grows detaches every view of it. */
  get #views(): V86Views {
    if (this.#lastViews === undefined || this.#lastViews.bytes.length === 0) this.#lastViews = viewsOf(this.#cpu);
    return this.#lastViews;
  }

  // --- GuestCpu ---

  requestVector(vector: number, levelTriggered: boolean): void {
    const word = vector >> 5;
    const bit = 1 << (vector & 31);
    const { apic } = this.#views;
    apic[ApicWord.IRR + word] |= bit;
    if (levelTriggered) apic[ApicWord.TMR + word] |= bit;
    else apic[ApicWord.TMR + word] &= ~bit;
    this.#requested = true;
  }

  isVectorActive(vector: number): boolean {
    const word = vector >> 5;
    const bit = 1 << (vector & 31);
    const { apic } = this.#views;
    return ((apic[ApicWord.IRR + word] | apic[ApicWord.ISR + word]) & bit) !== 0;
  }

  readApic(offset: number): number | undefined {
    if (offset === LapicReg.PPR) return this.#processorPriority();
    const word = APIC_REGISTERS.get(offset);
    return word === undefined ? undefined : this.#views.apic[word] >>> 0;
  }

  /** The higher of the task's priority and that of the interrupt in service (SDM volume 3, 10.8.3.1). */
  #processorPriority(): number {
    const { apic } = this.#views;
    const tpr = apic[ApicWord.TPR] & 0xff;
    for (let word = 7; word >= 0; word--) {
      const bits = apic[ApicWord.ISR + word];
      if (bits === 0) continue;
      const vector = word * 32 + 31 - Math.clz32(bits);
      return (vector & 0xf0) > (tpr & 0xf0) ? vector & 0xf0 : tpr;
    }
    return tpr;
  }

  raiseGeneralProtection(errorCode: number): void {
    if (deliverKernelException(this.#cpu, this, GENERAL_PROTECTION, errorCode)) return;
    throw new GuestFault(`#GP(${errorCode}) could not be delivered to the guest at ${hex(this.#cpu.previous_ip[0])}`);
  }

  /** Where the CPU is: during an exit, at the instruction that exited. */
  get cpuState(): CpuState {
    const { instructionPointer, reg32, cpl, cr } = this.#views;
    return {
      eip: instructionPointer[0] >>> 0,
      esp: reg32[ESP] >>> 0,
      ebp: reg32[EBP] >>> 0,
      cpl: cpl[0],
      cr0: cr[0] >>> 0,
      cr3: cr[3] >>> 0,
      cr4: cr[4] >>> 0,
    };
  }

  /** The guest kernel's current task, where that can be told. Reads only. */
  get task(): GuestTask | undefined {
    return this.#task.read(this.cpuState, this.#cpu.segment_offsets[FS] >>> 0);
  }

  /** General registers and flags, unsigned, by name. Reads only. */
  get registers(): { readonly [name: string]: number } {
    const cpu = this.#cpu;
    const values: { [name: string]: number } = {};
    for (const [i, name] of GENERAL_REGISTERS.entries()) values[name] = cpu.reg32[i] >>> 0;
    values.eip = cpu.instruction_pointer[0] >>> 0;
    values.eflags = cpu.get_eflags() >>> 0;
    values.cpl = cpu.cpl[0];
    for (const n of [0, 2, 3, 4]) values[`cr${n}`] = cpu.cr[n] >>> 0;
    return values;
  }

  // --- BreakCpu ---

  get instructionPointer(): number {
    return this.#cpu.instruction_pointer[0] >>> 0;
  }

  set instructionPointer(address: number) {
    this.#cpu.instruction_pointer[0] = address;
  }

  pushFramePointer(): boolean {
    const { reg32 } = this.#cpu;
    const top = (reg32[ESP] - 4) >>> 0;
    const physical = translate(this, this.cpuState, top);
    if (physical === undefined || physical % 4 !== 0 || physical + 4 > this.size) return false;
    this.view.setInt32(physical, reg32[EBP], true);
    reg32[ESP] = top;
    this.#cpu.instruction_pointer[0]++;
    return true;
  }

  codeChanged(physical: number, bytes: number): void {
    this.#cpu.jit_dirty_cache(physical, physical + bytes);
  }

  // --- V86Hooks: what leaves the CPU ---

  portWrite(port: number, size: AccessSize, value: number, fallback: (port: number, value: number) => void): void {
    if (size === 1 && this.breaks.active && this.#tookBreak()) return;
    if (this.#enginePorts[port] === 1) {
      fallback(port, value);
      return;
    }
    this.exits.portWrite++;
    // QUEUE_NOTIFY takes 16-bit writes only.
    const kick = size === 2 ? this.#options.kickAt(port) : undefined;
    kick?.begin(value);
    const frames = this.#openFrames();
    this.#vmExits.portWrite(0, port, size, value);
    this.#endExit(frames);
    kick?.end(value);
    // Interrupts that became pending while the CPU was out are taken now; a read's result is not in place yet.
    if (this.#requested) {
      this.#requested = false;
      this.#cpu.handle_irqs();
    }
  }

  portRead(port: number, size: AccessSize, fallback: (port: number) => number): number {
    if (this.#enginePorts[port] === 1) return fallback(port);
    this.exits.portRead++;
    const frames = this.#openFrames();
    const value = this.#vmExits.portRead(0, port, size);
    this.#endExit(frames);
    return value;
  }

  mmioWrite(address: number, size: AccessSize, value: number): void {
    if (address >= VGA_MEMORY.start && address < VGA_MEMORY.end) return;
    this.exits.mmioWrite++;
    const frames = this.#openFrames();
    this.#vmExits.mmioWrite(0, address, size, value);
    this.#endExit(frames);
  }

  mmioRead(address: number, size: AccessSize): number {
    if (address >= VGA_MEMORY.start && address < VGA_MEMORY.end) return size === 1 ? 0xff : 0xffffffff;
    this.exits.mmioRead++;
    const frames = this.#openFrames();
    const value = this.#vmExits.mmioRead(0, address, size);
    this.#endExit(frames);
    return value;
  }

  #tookBreak(): boolean {
    const taken = this.breaks.take();
    if (taken && this.#stopped) throw new CpuStopped();
    return taken;
  }

  /** While hops are recorded, the guest kernel's own frames stand below the exit; a debugger reads them when it stops. */
  #openFrames(): number {
    return this.#chain.recording ? this.frames.open(this.#chain, this.context) : 0;
  }

  #endExit(frames: number): void {
    for (let i = 0; i < frames; i++) this.context.pop();
    if (this.#stopped) throw new CpuStopped();
    if (this.breaks.pending) this.breaks.apply();
  }
}

/** Where the machine's I/O APIC is: v86 answers the usual 0xFEC00000 inside wasm, so it is one page further. */
export const IOAPIC_ADDRESS = V86_IOAPIC_ADDRESS + 0x1000;

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
