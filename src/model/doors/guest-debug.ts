import type { Context } from "../chain/context.ts";
import type { Station } from "../chain/station.ts";

/** What a debugger can look at and stop in a guest's CPU, as far as its engine shows it. Addresses are linear and unsigned. */

/** Where a virtual CPU is, read without changing anything. */
export interface CpuState {
  readonly eip: number;
  readonly esp: number;
  readonly ebp: number;
  readonly cpl: number;
  /** Control registers that say how addresses are translated. */
  readonly cr0: number;
  readonly cr3: number;
  readonly cr4: number;
}

/** The process or kernel thread the guest's CPU runs, or has interrupted. */
export interface GuestTask {
  /** At most 15 characters, as in /proc/PID/comm. */
  readonly name: string;
  /** In the guest's first pid namespace; 0 is the idle task. */
  readonly pid: number;
}

/** One function of the guest's stack; `address` is the instruction it is at, or returns to. */
export interface GuestFrame {
  readonly station: Station;
  readonly address: number;
}

/** The guest kernel's symbols; another object when they have changed. */
export interface GuestSymbols {
  /** At most `count` functions of that name. */
  functionsNamed(name: string, count: number): readonly { readonly address: number }[];
}

/** The guest kernel's stack. */
export interface GuestStack {
  /** Outermost first. */
  read(): readonly GuestFrame[];
  locationOf(frame: GuestFrame, innermost: boolean): { module: string | undefined; offset: number | undefined };
  stationAt(cpu: CpuState, address: number, innermost: boolean): Station;
  readonly symbols: {
    /** Undefined while nobody knows any. */
    readonly table: GuestSymbols | undefined;
    /** Functions of the kernel that are entered when modules have come, or go. */
    readonly moduleEvents: readonly string[];
    /** Looks which modules are loaded; whether that has changed. `leaving`: the `struct module` that is about to be freed. */
    refresh(cpu: CpuState, leaving?: number): boolean;
    /** A module that is known to have that function, and is not loaded. */
    unloadedModuleOf(name: string): string | undefined;
  };
}

/** A place in the guest's kernel where it is to be stopped. */
export interface BreakPlace {
  readonly address: number;
  /** At any instruction, but taken away when it is reached. Without it: a function's first instruction, until it is unwanted. */
  readonly once?: true;
}

/** Stops in the guest's own code. */
export interface GuestBreaks {
  /** Called where a place is reached, before its instruction; may block. */
  onHit: (place: BreakPlace) => void;
  /** Told when it has turned out that a wanted place cannot be planted; `canPlant` says which. */
  onRefused: () => void;
  /** Something is planted. */
  readonly active: boolean;
  /** Something is to be planted before the guest goes on. */
  readonly pending: boolean;
  /** Places from now on, instead of those before. Where nothing can be planted yet, it is tried again and again. */
  want(places: readonly BreakPlace[]): void;
  /** Puts the code back as it was. It is planted again before the guest goes on. */
  lift(): void;
  /** Whether a function's entry can be planted; undefined while that cannot be told. */
  canPlant(address: number): boolean | undefined;
}

export interface CpuDebug {
  /** The guest's context of this CPU. */
  readonly context: Context;
  readonly cpuState: CpuState;
  /** The guest kernel's current task, where that can be told. */
  readonly task: GuestTask | undefined;
  /** General registers and flags, unsigned, by name. */
  readonly registers: { readonly [name: string]: number };
  readonly frames: GuestStack;
  readonly breaks: GuestBreaks;
}
