import type { GuestEnd, GuestMemory } from "../doors/guest.ts";
import type { CpuState } from "../doors/guest-debug.ts";
import { indexOfText } from "../util/bytes.ts";
import { latin1 } from "../util/latin1.ts";
import type { Symbolizer } from "./stack/symbolizer.ts";
import { readWord, walkKernelStack } from "./stack/walk.ts";

/** Arguments of reboot(2), include/uapi/linux/reboot.h. */
const REBOOT_MAGIC1 = 0xfee1dead;
const REBOOT_MAGIC2 = 672274793;
const REBOOT_CMD_POWER_OFF = 0x4321fedc;
const REBOOT_CMD_RESTART = 0x01234567;
/** THREAD_SIZE of 32-bit x86: a kernel stack is that long and aligned to it. */
const THREAD_SIZE = 8192;
/** The kernel lies at 1 MiB, its static data behind it. */
const KERNEL_DATA_END = 64 * 1024 * 1024;
const LAST_WORDS = "---[ end Kernel panic - not syncing: ";
const MAX_REASON = 1024;
/** A scan takes some 20 ms. */
const LOOKS_BETWEEN_SCANS = 20;

/** The guest cannot go on: what hardware would answer with a triple fault, or the engine gave up. */
export class GuestFault extends Error {}

/** Tells from the guest kernel's stack what it is about. Reads only. */
export class GuestIntrospection {
  readonly #memory: GuestMemory;
  readonly #cpu: { readonly cpuState: CpuState };
  readonly #symbols: Symbolizer;
  readonly #addresses: number[] = [];
  #looks = 0;
  #wordsFound = false;

  constructor(memory: GuestMemory, cpu: { readonly cpuState: CpuState }, symbols: Symbolizer) {
    this.#memory = memory;
    this.#cpu = cpu;
    this.#symbols = symbols;
  }

  /** Called when the CPU has halted with interrupts off. */
  endOfDeadCpu(): GuestEnd {
    if (this.panicked()) return this.endOfPanic();
    // Without ACPI Linux cannot switch the power off and halts instead; what was asked of it still tells.
    switch (this.#rebootCommand()) {
      case REBOOT_CMD_POWER_OFF:
        return { kind: "power-off" };
      case REBOOT_CMD_RESTART:
        return { kind: "reboot" };
      default:
        return { kind: "halt" };
    }
  }

  /** The kernel is in panic(). Without symbols that is seen some seconds later, by its last words. */
  panicked(): boolean {
    if (this.#symbols.table === undefined) {
      this.#wordsFound ||= ++this.#looks % LOOKS_BETWEEN_SCANS === 0 && this.#panicReason() !== undefined;
      return this.#wordsFound;
    }
    const cpu = this.#cpu.cpuState;
    walkKernelStack(this.#memory, cpu, this.#addresses);
    return this.#addresses.some((address) => this.#symbols.locate(cpu, address - 1)?.symbol.name === "panic");
  }

  endOfPanic(): GuestEnd {
    const reason = this.#panicReason();
    return reason === undefined ? { kind: "panic" } : { kind: "panic", reason };
  }

  /** From the last line panic() logs, wherever the kernel's log buffer is. */
  #panicReason(): string | undefined {
    const kernel = this.#memory.bytes.subarray(0, KERNEL_DATA_END);
    for (let at = indexOfText(kernel, LAST_WORDS); at >= 0; at = indexOfText(kernel, LAST_WORDS, at + 1)) {
      const text = latin1(kernel.subarray(at + LAST_WORDS.length, at + LAST_WORDS.length + MAX_REASON));
      const reason = /^([\x20-\x7e]+?) \]---/.exec(text)?.[1];
      // The kernel's own format string is there as well.
      if (reason !== undefined && reason !== "%s") return reason;
    }
    return undefined;
  }

  /** The command of the reboot(2) call the CPU is in: its saved registers EBX, ECX, EDX lie at the stack's top. */
  #rebootCommand(): number | undefined {
    const cpu = this.#cpu.cpuState;
    const top = ((cpu.esp & ~(THREAD_SIZE - 1)) >>> 0) + THREAD_SIZE;
    for (let at = (cpu.esp & ~3) >>> 0; at + 12 <= top; at += 4) {
      if (readWord(this.#memory, cpu, at) !== REBOOT_MAGIC1) continue;
      if (readWord(this.#memory, cpu, at + 4) === REBOOT_MAGIC2) return readWord(this.#memory, cpu, at + 8);
    }
    return undefined;
  }
}
