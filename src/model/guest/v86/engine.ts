import {
  type AccessSize,
  ExitStatus,
  type GuestBoard,
  type GuestEnd,
  type GuestEngine,
  type InterruptRoute,
  type VmExits,
} from "../../doors/guest.ts";
import { enterKernel, loadBootImage } from "../boot/direct-boot.ts";
import type { BootFiles } from "../boot-files.ts";
import { GuestFault, GuestIntrospection } from "../guest-end.ts";
import { type EventLoop, GuestRunner, type SliceEnd } from "../runner.ts";
import type { VirtualClock } from "../virtual-time.ts";
import { waitForExit } from "../wait-for-exit.ts";
import { v86Limits } from "./limits.ts";
import { createV86, type EngineProgram, V86_IOAPIC_ADDRESS, type V86Cpu, type V86Hooks } from "./v86-internals.ts";
import { V86Vcpu } from "./vcpu.ts";

/** The VM was paused or reset during an exit: the CPU leaves the instruction and runs no other. */
class CpuStopped extends Error {}

/** Limit of an interrupt descriptor table that holds the gates up to #GP, vector 13. */
const IDT_UP_TO_GP = 8 * 13 + 7;

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

/** v86's power management pulls it; this machine has no ACPI. */
const ACPI_IRQ = 9;

/** ISA IRQ 0 is wired to I/O APIC pin 2. */
const ioapicPin = (irq: number): number => (irq === 0 ? 2 : irq);

export interface V86Options {
  readonly clock: VirtualClock;
  readonly loop: EventLoop;
  readonly program: EngineProgram;
  readonly memoryBytes: number;
  readonly kernel: BootFiles & { readonly name: string; readonly commandLine: string };
  /** The guest has been seen outside its kernel for the first time. */
  readonly onUserSpace?: (() => void) | undefined;
}

/** One virtual CPU and its memory, run by v86, with a Linux kernel that is loaded without a BIOS. */
export class V86Engine implements GuestEngine, V86Hooks {
  readonly vcpus = v86Limits.vcpus;
  /** v86 answers the usual 0xFEC00000 inside wasm, so it is one page further. */
  readonly ioapicBase = V86_IOAPIC_ADDRESS + 0x1000;
  cpus: readonly V86Vcpu[] = [];
  readonly #options: V86Options;
  readonly #enginePorts = new Uint8Array(0x10000);
  #cpu!: V86Cpu;
  #vcpu!: V86Vcpu;
  #board!: GuestBoard;
  #exits!: VmExits;
  #runner!: GuestRunner;
  #destroy: () => Promise<void> = async () => {};
  #message: string | undefined;
  #stopped = false;
  #sawUserSpace = false;

  constructor(options: V86Options) {
    this.#options = options;
    for (const [first, last] of ENGINE_PORTS) this.#enginePorts.fill(1, first, last + 1);
  }

  get debug(): readonly V86Vcpu[] {
    return this.cpus;
  }

  get memory(): V86Vcpu {
    return this.#vcpu;
  }

  /** Compiles v86 and allocates the guest's memory. */
  async start(board: GuestBoard): Promise<void> {
    const { program, memoryBytes, clock, loop } = this.#options;
    const { chain, scheduler, exits } = board;
    this.#board = board;
    this.#exits = exits;
    const context = chain.addContext({ name: "guest:vcpu0", kind: "guest.task" });
    context.state = "running";
    const machine = await createV86(program, memoryBytes, this, clock);
    const cpu = machine.cpu;
    this.#cpu = cpu;
    this.#destroy = machine.destroy;
    this.#vcpu = new V86Vcpu(cpu, chain, context, () => exits.enter(0));
    this.cpus = [this.#vcpu];
    const introspection = new GuestIntrospection(this.#vcpu, this.#vcpu, this.#vcpu.frames.symbols);
    this.#runner = new GuestRunner(chain, scheduler, this, introspection, loop);
    // v86's own chips (timer, RTC) pull lines of the machine's interrupt controllers as well as of v86's PIC.
    const raise = cpu.device_raise_irq;
    const lower = cpu.device_lower_irq;
    cpu.device_raise_irq = (line) => {
      if (line !== ACPI_IRQ) exits.setEngineIrq(ioapicPin(line), true);
      raise(line);
    };
    cpu.device_lower_irq = (line) => {
      if (line !== ACPI_IRQ) exits.setEngineIrq(ioapicPin(line), false);
      lower(line);
    };
  }

  /** Loads the kernel and runs it. Throws where it does not fit. */
  run(routes: readonly InterruptRoute[], onEntry?: () => void): Promise<GuestEnd> {
    const { kernel, initrd, name, commandLine } = this.#options.kernel;
    const image = { kernel, kernelName: name, initrd, commandLine, ioapicAddress: this.ioapicBase, routes };
    enterKernel(this.#cpu, loadBootImage(this.#vcpu.bytes, image));
    onEntry?.();
    return this.#runner.run();
  }

  finish(end: GuestEnd): void {
    this.#runner.finish(end);
  }

  stop(): void {
    this.#stopped = true;
  }

  destroy(): Promise<void> {
    return this.#destroy();
  }

  /** Runs the guest for about a millisecond, or until it halts. */
  runSlice(): SliceEnd {
    if (this.#stopped) return { kind: "stopped" };
    const { chain } = this.#board;
    const vcpu = this.#vcpu;
    const previous = chain.current;
    chain.current = vcpu.running;
    try {
      this.#exits.enter(0);
      vcpu.interrupts.settle();
      this.#applyBreaks();
      const before = vcpu.instructions;
      const milliseconds = this.#runCpu();
      if (!this.#sawUserSpace && vcpu.isInUserSpace) {
        this.#sawUserSpace = true;
        this.#options.onUserSpace?.();
      }
      if (!vcpu.isHalted) return { kind: "running" };
      if (!vcpu.takesInterrupts) return { kind: "dead" };
      return { kind: "idle", milliseconds, instructions: (vcpu.instructions - before) >>> 0 };
    } catch (error) {
      if (error instanceof CpuStopped) return { kind: "stopped" };
      throw error;
    } finally {
      chain.current = previous;
    }
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
    const at = `0x${(this.#cpu.previous_ip[0] >>> 0).toString(16)}`;
    const table = this.#cpu.idtr_size[0];
    if (table < IDT_UP_TO_GP)
      return `triple fault at ${at}: no exception can be delivered, the IDT's limit is ${table}`;
    return `the guest's CPU gave up at ${at} (${this.#message ?? error.message})`;
  }

  // --- V86Hooks: what leaves the CPU ---

  message(text: string): void {
    this.#message = text.replace(/\s+/g, " ").trim();
  }

  portWrite(port: number, size: AccessSize, value: number, fallback: (port: number, value: number) => void): void {
    const vcpu = this.#vcpu;
    if (size === 1 && vcpu.breaks.active && this.#tookBreak()) return;
    if (this.#enginePorts[port] === 1) {
      fallback(port, value);
      return;
    }
    this.#endExit(this.#exits.portWrite(0, port, size, value));
    // Interrupts that became pending while the CPU was out are taken now; a read's result is not in place yet.
    if (vcpu.requested) {
      vcpu.requested = false;
      this.#cpu.handle_irqs();
    }
  }

  portRead(port: number, size: AccessSize, fallback: (port: number) => number): number {
    if (this.#enginePorts[port] === 1) return fallback(port);
    this.#endExit(this.#exits.portRead(0, port, size));
    return this.#exits.valueRead(0);
  }

  mmioWrite(address: number, size: AccessSize, value: number): void {
    if (address >= VGA_MEMORY.start && address < VGA_MEMORY.end) return;
    this.#endExit(this.#exits.mmioWrite(0, address, size, value));
  }

  mmioRead(address: number, size: AccessSize): number {
    if (address >= VGA_MEMORY.start && address < VGA_MEMORY.end) return size === 1 ? 0xff : 0xffffffff;
    this.#endExit(this.#exits.mmioRead(0, address, size));
    return this.#exits.valueRead(0);
  }

  #tookBreak(): boolean {
    const { clock } = this.#board.chain;
    clock.stop();
    const taken = this.#vcpu.breaks.take();
    clock.resume();
    if (taken && this.#stopped) throw new CpuStopped();
    return taken;
  }

  /** v86 cannot be suspended inside an instruction: while an exit is parked the other contexts run here. */
  #endExit(status: ExitStatus): void {
    if (status === ExitStatus.PARKED) {
      this.#vcpu.isParked = true;
      waitForExit(this.#board, 0, this.#vcpu.isDone);
    }
    if (this.#stopped) throw new CpuStopped();
    this.#applyBreaks();
  }

  #applyBreaks(): void {
    const { breaks } = this.#vcpu;
    if (!breaks.pending) return;
    const { clock } = this.#board.chain;
    clock.stop();
    breaks.apply();
    clock.resume();
  }
}
