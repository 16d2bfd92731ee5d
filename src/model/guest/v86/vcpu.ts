import { LapicReg } from "../../abi/apic.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Context } from "../../chain/context.ts";
import type { GuestCpu, GuestMemory } from "../../doors/guest.ts";
import type { CpuDebug, CpuState, GuestTask } from "../../doors/guest-debug.ts";
import { CurrentTask } from "../current-task.ts";
import { GuestFault } from "../guest-end.ts";
import { GuestFrames } from "../guest-frames.ts";
import { FollowedInterrupts, type InterruptedCpu } from "../interrupts.ts";
import { translate } from "../stack/page-tables.ts";
import { type BreakCpu, CodeBreaks } from "./code-breaks.ts";
import { deliverKernelException } from "./exceptions.ts";
import { ApicWord, type V86Cpu, type V86Views, viewsOf } from "./v86-internals.ts";

/** Registers of the APIC page by the word v86 keeps them in. */
const APIC_REGISTERS: ReadonlyMap<number, number> = new Map([
  [LapicReg.LDR, ApicWord.LDR],
  [LapicReg.DFR, ApicWord.DFR],
  [LapicReg.SVR, ApicWord.SVR],
]);

const GENERAL_PROTECTION = 13;
/** Privilege level. */
const USER = 3;
const FLAG_IF = 0x200;
const EBP = 5;
const GENERAL_REGISTERS = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const;
const ESP = 4;
/** Segment register. */
const FS = 4;

/** v86's one CPU and its memory, as the hypervisor and a debugger know them. */
export class V86Vcpu implements GuestCpu, GuestMemory, BreakCpu, CpuDebug, InterruptedCpu {
  readonly context: Context;
  readonly frames: GuestFrames;
  readonly interrupts: FollowedInterrupts;
  /** Where the guest's own code is to be stopped at. */
  readonly breaks: CodeBreaks;
  readonly noticeEnds: () => void;
  /** A vector has been requested since this was cleared. */
  requested = false;
  /** Its exit is parked. */
  isParked = false;
  /** Made once, because each exit waits for it. */
  readonly isDone = (): boolean => !this.isParked;
  readonly #chain: Chain;
  readonly #task: CurrentTask;
  readonly #cpu: V86Cpu;
  #lastViews: V86Views | undefined;
  #openFrames = 0;
  /** The context that they are in. */
  #openIn: Context;

  /** `noticeEnds`: the hypervisor looks for interrupts that have ended. */
  constructor(cpu: V86Cpu, chain: Chain, context: Context, noticeEnds: () => void) {
    this.#cpu = cpu;
    this.#chain = chain;
    this.context = context;
    this.noticeEnds = noticeEnds;
    this.#openIn = context;
    this.frames = new GuestFrames(this, this, chain.stations);
    const { symbols } = this.frames;
    this.breaks = new CodeBreaks(this, this, (address, asEntry) => {
      const found = symbols.locate(this.cpuState, address);
      return found !== undefined && (!asEntry || found.offset === 0);
    });
    this.#task = new CurrentTask(this, symbols);
    this.interrupts = new FollowedInterrupts(chain, context, this, this);
    symbols.originalByte = (address) => this.breaks.originalByte(address);
  }

  get running(): Context {
    return this.interrupts.inside ?? this.context;
  }

  get isOutside(): boolean {
    return this.isInUserSpace || this.#cpu.in_hlt[0] !== 0;
  }

  get isInUserSpace(): boolean {
    return this.#views.cpl[0] === USER;
  }

  /** Halted until an interrupt. */
  get isHalted(): boolean {
    return this.#views.inHlt[0] !== 0;
  }

  get takesInterrupts(): boolean {
    return (this.#views.flags[0] & FLAG_IF) !== 0;
  }

  /** Instructions executed, modulo 2^32. */
  get instructions(): number {
    return this.#views.instructionCounter[0];
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
    this.requested = true;
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
    const at = `0x${(this.#cpu.previous_ip[0] >>> 0).toString(16)}`;
    throw new GuestFault(`#GP(${errorCode}) could not be delivered to the guest at ${at}`);
  }

  exitDone(): void {
    this.isParked = false;
  }

  interruptPosted(vector: number): void {
    this.interrupts.post(vector);
  }

  openFrames(): void {
    this.#openIn = this.running;
    this.#openFrames = this.frames.open(this.#chain, this.#openIn);
  }

  closeFrames(): void {
    for (; this.#openFrames > 0; this.#openFrames--) this.#openIn.pop();
  }

  // --- CpuDebug ---

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

  get task(): GuestTask | undefined {
    return this.#task.read(this.cpuState, this.#cpu.segment_offsets[FS] >>> 0);
  }

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
}
