import { latin1 } from "../../util/latin1.ts";
import type { VirtualClock } from "../virtual-time.ts";

/**
 * The one file that knows v86's inside. v86 0.5.462 is pinned; its npm build keeps property names, but none of this is
 * a public API: every name is checked when the engine starts and a missing one is reported by name.
 */

/** The parts of v86's CPU object the engine uses. Registers are live typed-array views. */
export interface V86Cpu {
  /** General registers: EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI. */
  readonly reg32: Int32Array;
  readonly instruction_pointer: Int32Array;
  readonly previous_ip: Int32Array;
  readonly flags: Int32Array;
  readonly cr: Int32Array;
  readonly sreg: Uint16Array;
  readonly segment_offsets: Int32Array;
  readonly segment_limits: Uint32Array;
  readonly segment_is_null: Uint8Array;
  readonly segment_access_bytes: Uint8Array;
  readonly protected_mode: Int32Array;
  readonly is_32: Int32Array;
  readonly stack_size_32: Int32Array;
  readonly cpl: Uint8Array;
  readonly in_hlt: Uint8Array;
  /** Instructions executed, modulo 2^32. */
  readonly instruction_counter: Uint32Array;
  readonly idtr_offset: Int32Array;
  /** Limit of the interrupt descriptor table: its size - 1. */
  readonly idtr_size: Int32Array;
  readonly memory_size: Int32Array;
  readonly mem8: { readonly byteOffset: number };
  readonly wasm_memory: WebAssembly.Memory;
  device_raise_irq: (line: number) => void;
  device_lower_irq: (line: number) => void;
  main_loop(): number;
  handle_irqs(): void;
  get_eflags(): number;
  update_state_flags(): void;
  full_clear_tlb(): void;
  get_apic_addr(): number;
  /** Forgets the code compiled of these guest-physical addresses, `end` excluded. */
  jit_dirty_cache(start: number, end: number): void;
}

const VIEWS = [
  "reg32",
  "instruction_pointer",
  "previous_ip",
  "flags",
  "cr",
  "sreg",
  "segment_offsets",
  "segment_limits",
  "segment_is_null",
  "segment_access_bytes",
  "protected_mode",
  "is_32",
  "stack_size_32",
  "cpl",
  "in_hlt",
  "instruction_counter",
  "idtr_offset",
  "idtr_size",
  "memory_size",
  "mem8",
  "wasm_memory",
] as const;

const FUNCTIONS = [
  "device_raise_irq",
  "device_lower_irq",
  "main_loop",
  "handle_irqs",
  "get_eflags",
  "update_state_flags",
  "full_clear_tlb",
  "get_apic_addr",
  "jit_dirty_cache",
] as const;

/** Functions v86's wasm imports; the engine wraps them. */
const IMPORTS = [
  "io_port_read8",
  "io_port_read16",
  "io_port_read32",
  "io_port_write8",
  "io_port_write16",
  "io_port_write32",
  "mmap_read8",
  "mmap_read32",
  "mmap_write8",
  "mmap_write16",
  "mmap_write32",
  "microtick",
  "stop_idling",
  "console_log_from_wasm",
] as const;

/** 32-bit words of v86's local APIC structure at `get_apic_addr()` (src/rust/cpu/apic.rs, checked there by offset). */
export const ApicWord = { TPR: 13, IRR: 16, ISR: 24, TMR: 32, SVR: 40, DFR: 41, LDR: 42 } as const;
const APIC_WORDS = 46;
/** Where v86 answers I/O APIC accesses itself, inside wasm; the machine's own I/O APIC has to live elsewhere. */
export const V86_IOAPIC_ADDRESS = 0xfec00000;

/** Accesses of the guest that leave the CPU. `fallback` is v86's own device behind the port. */
export interface V86Hooks {
  portRead(port: number, size: 1 | 2 | 4, fallback: (port: number) => number): number;
  portWrite(port: number, size: 1 | 2 | 4, value: number, fallback: (port: number, value: number) => void): void;
  mmioRead(address: number, size: 1 | 4): number;
  mmioWrite(address: number, size: 1 | 2 | 4, value: number): void;
  /** v86 has something to say, before a wasm trap for example. */
  message(text: string): void;
}

/** Plain views of the CPU's state and the guest's memory, until wasm's memory grows and `bytes` is empty. */
export interface V86Views {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly apic: Int32Array;
  readonly reg32: Int32Array;
  readonly instructionPointer: Int32Array;
  readonly cr: Int32Array;
  readonly flags: Int32Array;
  readonly cpl: Uint8Array;
  readonly inHlt: Uint8Array;
  readonly instructionCounter: Uint32Array;
}

/** v86's own views are proxies that make a typed array at every access, too slow for what each exit reads. */
export function viewsOf(cpu: V86Cpu): V86Views {
  const { buffer } = cpu.wasm_memory;
  const size = cpu.memory_size[0] >>> 0;
  // v86 does not look whether its memory could grow; reading mem8 would throw then.
  if (size > buffer.byteLength) throw noMemory(size);
  const words = (view: Int32Array): Int32Array => new Int32Array(buffer, view.byteOffset, view.length);
  return {
    bytes: new Uint8Array(buffer, cpu.mem8.byteOffset, size),
    view: new DataView(buffer, cpu.mem8.byteOffset, size),
    apic: new Int32Array(buffer, cpu.get_apic_addr(), APIC_WORDS),
    reg32: words(cpu.reg32),
    instructionPointer: words(cpu.instruction_pointer),
    cr: words(cpu.cr),
    flags: words(cpu.flags),
    cpl: new Uint8Array(buffer, cpu.cpl.byteOffset, 1),
    inHlt: new Uint8Array(buffer, cpu.in_hlt.byteOffset, 1),
    instructionCounter: new Uint32Array(buffer, cpu.instruction_counter.byteOffset, 1),
  };
}

type ImportFunction = (...args: number[]) => number;

function missing(kind: string, names: readonly string[]): Error {
  return new Error(
    `v86's internals have changed: ${kind} ${names.join(", ")} not found; this version works with v86 0.5.462 only`,
  );
}

/** Wraps what v86's wasm imports, so that accesses reach the hooks and time is the machine's. */
function wrapImports(env: Record<string, ImportFunction>, hooks: V86Hooks, clock: VirtualClock): void {
  const absent = IMPORTS.filter((name) => typeof env[name] !== "function");
  if (absent.length > 0) throw missing("wasm imports", absent);
  const { io_port_read8, io_port_read16, io_port_read32 } = env;
  const { io_port_write8, io_port_write16, io_port_write32 } = env;
  env.io_port_read8 = (port) => hooks.portRead(port, 1, io_port_read8);
  env.io_port_read16 = (port) => hooks.portRead(port, 2, io_port_read16);
  env.io_port_read32 = (port) => hooks.portRead(port, 4, io_port_read32) | 0;
  env.io_port_write8 = (port, value) => hooks.portWrite(port, 1, value & 0xff, io_port_write8) as unknown as number;
  env.io_port_write16 = (port, value) => hooks.portWrite(port, 2, value & 0xffff, io_port_write16) as unknown as number;
  env.io_port_write32 = (port, value) => hooks.portWrite(port, 4, value >>> 0, io_port_write32) as unknown as number;
  env.mmap_read8 = (address) => hooks.mmioRead(address >>> 0, 1);
  env.mmap_read32 = (address) => hooks.mmioRead(address >>> 0, 4) | 0;
  env.mmap_write8 = (address, value) => hooks.mmioWrite(address >>> 0, 1, value & 0xff) as unknown as number;
  env.mmap_write16 = (address, value) => hooks.mmioWrite(address >>> 0, 2, value & 0xffff) as unknown as number;
  env.mmap_write32 = (address, value) => hooks.mmioWrite(address >>> 0, 4, value >>> 0) as unknown as number;
  env.microtick = clock.now;
  // v86's own run loop is not used; nothing is to be woken.
  env.stop_idling = () => 0;
}

/** Messages lie in wasm's memory, which there is once it is instantiated. */
function wrapMessages(env: Record<string, ImportFunction>, hooks: V86Hooks): (exports: WebAssembly.Exports) => void {
  let memory: WebAssembly.Memory | undefined;
  env.console_log_from_wasm = (address, length) => {
    if (memory !== undefined) hooks.message(latin1(new Uint8Array(memory.buffer, address >>> 0, length >>> 0)));
    return 0;
  };
  return (exports) => {
    memory = exports.memory as WebAssembly.Memory;
  };
}

/** The engine's program: WebAssembly, and where it comes from, for messages. */
export interface EngineProgram {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** It is missing, or no program of v86. */
export const unusableProgram = (name: string, error: Error): Error =>
  new Error(`v86 cannot be loaded from ${name} (${error.message}); build the project anew with "npm run build"`);

const outOfMemory = (error: unknown): boolean => error instanceof RangeError && /memory/i.test(error.message);

const noMemory = (bytes: number): Error =>
  new Error(
    `the memory of a guest with ${Math.round(bytes / 2 ** 20)} MiB cannot be allocated: give it less with -m, close ` +
      "other programs, or raise the limit on address space (ulimit -v), of which WebAssembly reserves up to 10 GiB",
  );

export interface V86Machine {
  readonly cpu: V86Cpu;
  destroy(): Promise<void>;
}

/**
 * Makes a v86 machine without BIOS and without starting it, whose time is that of `clock`.
 * Throws when wasm cannot be compiled or its memory cannot be allocated.
 */
export async function createV86(
  program: EngineProgram,
  memoryBytes: number,
  hooks: V86Hooks,
  clock: VirtualClock,
): Promise<V86Machine> {
  const { V86 } = await clock.installedWhile(() => import("v86"));
  const emulator = await new Promise<InstanceType<typeof V86>>((resolve, reject) => {
    const created = new V86({
      wasm_fn: async (imports) => {
        try {
          const env = imports.env as unknown as Record<string, ImportFunction>;
          wrapImports(env, hooks, clock);
          const instantiated = wrapMessages(env, hooks);
          const { instance } = await WebAssembly.instantiate(program.bytes as Uint8Array<ArrayBuffer>, imports);
          instantiated(instance.exports);
          return instance.exports;
        } catch (error) {
          if (outOfMemory(error)) reject(noMemory(memoryBytes));
          else reject(error instanceof WebAssembly.CompileError ? unusableProgram(program.name, error) : error);
          return new Promise<WebAssembly.Exports>(() => {});
        }
      },
      memory_size: memoryBytes,
      vga_memory_size: 1024 * 1024,
      autostart: false,
      acpi: true,
      disable_keyboard: true,
      disable_mouse: true,
      disable_speaker: true,
    } as ConstructorParameters<typeof V86>[0]);
    created.add_listener("emulator-ready", () => resolve(created));
  });
  const cpu = (emulator as unknown as { v86?: { cpu?: V86Cpu } }).v86?.cpu;
  if (cpu === undefined) throw missing("property", ["v86.cpu"]);
  const absent = [
    ...VIEWS.filter((name) => cpu[name] === undefined),
    ...FUNCTIONS.filter((name) => typeof cpu[name] !== "function"),
  ];
  if (absent.length > 0) throw missing("CPU members", absent);
  return { cpu, destroy: () => emulator.destroy() };
}
