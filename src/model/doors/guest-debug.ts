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

/** One of those who have places in a CPU's code. */
export interface BreakUser {
  /** Places from now on, instead of those before. Where nothing can be planted yet, it is tried again and again. */
  want(places: readonly BreakPlace[]): void;
}

/** Stops in the guest's own code. */
export interface GuestBreaks {
  /** `onHit` is called where one of this user's places is reached, before its instruction; may block. The first user is told first. */
  user(onHit: (place: BreakPlace) => void): BreakUser;
  /** Told when it has turned out that a wanted place cannot be planted; `canPlant` says which. */
  onRefused: () => void;
  /** Something is planted. */
  readonly active: boolean;
  /** Something is to be planted before the guest goes on. */
  readonly pending: boolean;
  /** Puts the code back as it was. It is planted again before the guest goes on. */
  lift(): void;
  /** Whether a function's entry can be planted; undefined while that cannot be told. */
  canPlant(address: number): boolean | undefined;
}

/** Told of the interrupts that are followed into the guest. */
export interface InterruptWatch {
  /** The guest has taken it; nothing of that is recorded yet. */
  taken(): void;
  /** Nothing is followed any more: all of them have ended, or are no longer to come. */
  over(): void;
}

/**
 * The guest's half of interrupts: those that are posted while hops are recorded, or while somebody wants it, are followed
 * from the vector that is taken to the handler's end.
 */
export interface GuestInterrupts {
  /** They are followed while hops are recorded; with this, always. */
  wanted: boolean;
  watch: InterruptWatch | undefined;
  /** One has been posted, and has not ended. */
  readonly follows: boolean;
  /** The guest is in one: its context, whose cause is who posted it. */
  readonly inside: Context | undefined;
  /** Why what is posted cannot be followed; undefined where it can. */
  readonly problem: string | undefined;
}

export interface CpuDebug {
  /** The guest's context of this CPU, for what interrupts interrupt. */
  readonly context: Context;
  /** The context in which it runs now: that one, or that of the interrupt it is in. */
  readonly running: Context;
  readonly interrupts: GuestInterrupts;
  readonly cpuState: CpuState;
  /** The guest kernel's current task, where that can be told. */
  readonly task: GuestTask | undefined;
  /** General registers and flags, unsigned, by name. */
  readonly registers: { readonly [name: string]: number };
  readonly frames: GuestStack;
  readonly breaks: GuestBreaks;
}
