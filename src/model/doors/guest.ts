import type { Chain } from "../chain/chain.ts";
import type { Scheduler } from "../chain/scheduler.ts";
import type { CpuDebug } from "./guest-debug.ts";

/**
 * The door between guest and hypervisor: VM exits one way, injected vectors the other, and the guest's memory.
 * Implemented on the guest side by an engine (v86 with real Linux) or a scripted driver.
 */

export type AccessSize = 1 | 2 | 4;

/** Guest-physical memory. RAM is contiguous from 0. */
export interface GuestMemory {
  /** Bytes of RAM. */
  readonly size: number;
  /** All of RAM. Fetch anew for each use: an engine may replace the buffer when its memory grows. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** What the hypervisor may do to a virtual CPU: the hardware's half of VM entry. */
export interface GuestCpu {
  /** Requests `vector` in the CPU's virtual APIC page (IRR, and TMR when level-triggered). */
  requestVector(vector: number, levelTriggered: boolean): void;
  /** The vector is requested or in service: the guest has not sent its EOI yet. */
  isVectorActive(vector: number): boolean;
  /**
   * A register of the virtual APIC page by its offset (0xA0 PPR, 0xD0 LDR, 0xE0 DFR, 0xF0 SVR), unsigned. Without
   * it, the hypervisor takes what Linux's flat APIC driver programs.
   */
  readApic?(offset: number): number | undefined;
  /** Raises #GP with this error code at the instruction that exited. */
  raiseGeneralProtection(errorCode: number): void;
  /** An exit that was parked is done: the CPU goes on behind it, or with what was injected. */
  exitDone(): void;
  /** The hypervisor has accepted an interrupt for it, in the context that runs now; it is requested at a later VM entry. */
  interruptPosted?(vector: number): void;
  /** While hops are recorded: the guest's own frames are put below the exit that begins, and taken away at its end. */
  openFrames?(): void;
  closeFrames?(): void;
}

/**
 * How an exit ends. PARKED: its vCPU waits, and the engine decides how: it runs the others meanwhile, or lets go of its
 * instruction. `GuestCpu.exitDone` tells when it is done; until then that vCPU makes no other exit.
 */
export const ExitStatus = { DONE: 0, PARKED: 1 } as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** What a virtual CPU tells the hypervisor. Values are unsigned; `size` in bytes. */
export interface VmExits {
  portWrite(vcpu: number, port: number, size: AccessSize, value: number): ExitStatus;
  portRead(vcpu: number, port: number, size: AccessSize): ExitStatus;
  mmioWrite(vcpu: number, address: number, size: AccessSize, value: number): ExitStatus;
  mmioRead(vcpu: number, address: number, size: AccessSize): ExitStatus;
  /** What the read gave that this vCPU has exited for last, once it is done. */
  valueRead(vcpu: number): number;
  /**
   * Everybody has run, and this vCPU's exit is parked still. Afterwards it is void (its VM runs no longer), or somebody has
   * changed something and it is to be waited for again; else throws VcpuStuckError.
   */
  waitsInVain(vcpu: number): void;
  /** The hypervisor's half of VM entry: delivers what became pending since the last one. */
  enter(vcpu: number): void;
  /** Drives an I/O APIC pin from a device inside the engine (timer, RTC); active-high. Nobody sees it on the chain. */
  setEngineIrq(pin: number, level: boolean): void;
}

/** What an engine is given of the board it runs on. */
export interface GuestBoard {
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  readonly exits: VmExits;
}

/** An INTx pin of a PCI slot and the I/O APIC pin it is wired to, for the guest's firmware tables. */
export interface InterruptRoute {
  readonly slot: number;
  /** 0 = INTA. */
  readonly pin: number;
  readonly ioapicPin: number;
}

/** The most an engine can give a guest. */
export interface EngineLimits {
  readonly vcpus: number;
  /** Bytes of RAM. */
  readonly memory: number;
}

/** How a guest's life ended. */
export type GuestEnd =
  | { readonly kind: "power-off" }
  | { readonly kind: "halt" }
  | { readonly kind: "reboot" }
  /** The kernel called panic(); what it had to say is on its console, if it has one by then. */
  | { readonly kind: "panic"; readonly reason?: string }
  | { readonly kind: "fault"; readonly message: string };

/**
 * Runs the guest: its CPUs and its memory. Is made first, and says what the board has to be like; knows nothing of
 * devices, BARs and virtqueues. For one machine and one run.
 */
export interface GuestEngine {
  readonly vcpus: number;
  /** Guest-physical base of the I/O APIC the guest is told of; undefined: the usual 0xFEC00000. */
  readonly ioapicBase: number | undefined;
  /** One for each vCPU. Known, like `memory`, when the engine has started. */
  readonly cpus: readonly GuestCpu[];
  readonly memory: GuestMemory;
  /** What of its CPUs a debugger can look at; none where the engine shows nothing. */
  readonly debug: readonly CpuDebug[];
  /** Gets ready to run on this board; a promise where that takes its time. */
  start(board: GuestBoard): Promise<void> | void;
  /** Runs the guest to its end. `onEntry` is called before its first instruction. */
  run(routes: readonly InterruptRoute[], onEntry?: () => void): Promise<GuestEnd>;
  /** Ends the run, outside of any exit; the first end that is told counts. */
  finish(end: GuestEnd): void;
  /** The VM runs no longer: its CPUs execute no further instruction, and do not finish the one they are in. */
  stop(): void;
  destroy(): Promise<void>;
}
