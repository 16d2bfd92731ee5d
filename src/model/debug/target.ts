import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import type { Station } from "../chain/station.ts";
import type { DeviceModel } from "../device-model/device-model.ts";
import type { GuestMemory } from "../doors/guest.ts";
import type { GuestTask } from "../guest/current-task.ts";
import type { GuestFrame } from "../guest/guest-frames.ts";
import type { SymbolTable } from "../guest/stack/kallsyms.ts";
import type { CpuState } from "../guest/stack/walk.ts";
import type { CodeBreaks } from "../guest/v86/code-breaks.ts";
import type { Hypervisor } from "../hypervisor/hypervisor.ts";
import type { RefusalCode } from "../protocol/debug.ts";
import type { ServiceVm } from "../service-vm/service-vm.ts";

/** The guest's CPU as far as an engine shows it. */
export interface DebugCpu {
  readonly context: Context;
  readonly cpuState: CpuState;
  /** The guest kernel's current task, where that can be told. */
  readonly task: GuestTask | undefined;
  readonly registers: { readonly [name: string]: number };
  readonly exits: {
    readonly portRead: number;
    readonly portWrite: number;
    readonly mmioRead: number;
    readonly mmioWrite: number;
  };
  readonly frames: {
    /** Outermost first. */
    read(): readonly GuestFrame[];
    locationOf(frame: GuestFrame, innermost: boolean): { module: string | undefined; offset: number | undefined };
    stationAt(cpu: CpuState, address: number, innermost: boolean): Station;
    readonly symbols: { readonly table: SymbolTable | undefined };
  };
  /** Stops in the guest's own code. */
  readonly breaks: CodeBreaks;
}

/** The machine a debugger looks at. */
export interface DebugTarget {
  readonly chain: Chain;
  readonly hypervisor: Hypervisor;
  readonly serviceVm: ServiceVm;
  readonly deviceModel: DeviceModel | undefined;
  readonly memory: GuestMemory;
  /** Undefined for a scripted guest. */
  readonly cpu: DebugCpu | undefined;
}

/** A request that cannot be answered; the message is for a person, the code for a program that has something to do about it. */
export class DebugError extends Error {
  readonly code: RefusalCode | undefined;

  constructor(message: string, code?: RefusalCode) {
    super(message);
    this.code = code;
  }
}
