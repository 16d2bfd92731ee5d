import type { ContextState } from "../chain/context.ts";
import type { HopRecord } from "../chain/hop-records.ts";
import type { Layer } from "../chain/station.ts";
import type { DmConfig } from "../device-model/config.ts";
import type { GuestEnd } from "../doors/guest.ts";
import type { LogKind, LogLevel } from "../doors/host.ts";
import type { DebugEvent, RefusalCode } from "./debug.ts";
import type { DebugRequests } from "./debug-requests.ts";
import { always, stopped, type TypesOf } from "./request.ts";

/** What a machine's thread and its owner say to each other. */

/** Everything a machine is made of; plain data. */
export interface MachineSpec {
  readonly config: DmConfig;
  /** Paths. The kernel is a 32-bit vmlinux or bzImage. */
  readonly kernel: string;
  readonly initrd: string | undefined;
  /** Folder of the user's own files, put over the initrd. */
  readonly overlay: string | undefined;
  /** kallsyms recorded for this kernel. */
  readonly symbols: string | undefined;
  readonly commandLine: string;
  /** Slots of devices with nothing but the workbench's own ports: nobody looks at the machine for their kicks. */
  readonly ownSlots: readonly number[];
  /** The guest's init is known to say when it is "ready", and has the port for it. */
  readonly tellsReady: boolean;
  readonly wasmPath: string;
  /** Stops before the guest's first instruction, with reason "entry". The machine answers debug requests from then on. */
  readonly stopOnEntry?: boolean;
}

export interface ContextRecord {
  /** Its number, the same for the life of the machine. */
  readonly id: number;
  /** As on a real machine: "vm1:vcpu0", "kworker/ioreq_wq". */
  readonly name: string;
  readonly kind: string;
  readonly layer: Layer;
  readonly state: ContextState;
  readonly waitingFor: string;
  /** Open functions, outermost first. */
  readonly frames: readonly string[];
  /** "sh, pid 143": what the guest's CPU runs while the machine stands still, where that can be told. */
  readonly task?: string;
}

export interface TraceRequest {
  /** Only kicks of the device in this slot; any device but the workbench's own when undefined. */
  readonly slot: number | undefined;
  /** Only kicks of this queue; any queue when undefined. */
  readonly queue: number | undefined;
  readonly kicks: number;
  /** The other direction: not kicks, but input that arrives at a backend, to the end of the guest's interrupt. */
  readonly input?: true | undefined;
}

/**
 * How far the way back into the guest was seen: "seen" to the end of the interrupt's handler; "noInterrupt" was asked for;
 * "notTaken" before the guest kicked again; "unseen" with an engine or a kernel that does not show it.
 */
export type WayBack = "seen" | "noInterrupt" | "notTaken" | "unseen";

export interface KickTrace {
  /** Number of the kick since the machine was made; 0 for one of the workbench's own ports, and for input. */
  readonly kick: number;
  /** It is no kick but input; there `queue` says nothing. */
  readonly input?: true;
  /** Slot of the device that was kicked, or that input was asked for of. */
  readonly slot: number;
  readonly queue: number;
  readonly back: WayBack;
  readonly hops: readonly HopRecord[];
}

export interface Counters {
  /** Kicks of virtqueues. */
  readonly kicks: number;
  readonly portExits: number;
  readonly mmioExits: number;
  /** Milliseconds of virtual time spent in the model during kicks. */
  readonly kickMs: number;
}

export interface StationCounts {
  readonly recording: boolean;
  /** Index of a hop to go on from. */
  readonly next: number;
  /** Hops that were overwritten before they were counted. */
  readonly missed: number;
  /** Entries by station; those entered not at all are left out. */
  readonly counts: { readonly [station: string]: number };
}

/** What a machine is asked besides what its debugger is. */
export const machineRequests = {
  /** Arms the trace; answered when that many kicks are complete. */
  trace: always<TraceRequest, readonly KickTrace[]>(),
  /** Ends the `trace` with that request's number: it is answered with what it has. Sent by `MachineThread.request`. */
  cancel: always<number, undefined>(),
  /** Records every hop from now on, or stops that. */
  record: always<boolean, undefined>(),
  /** Hops recorded since that index, and the index to go on from. */
  hops: always<number, { readonly next: number; readonly hops: readonly HopRecord[] }>(),
  /** How often functions were entered while hops were recorded, from that index on. */
  stationCounts: always<number, StationCounts>(),
  /** Stops the world when one of these stations is entered next; none: never. */
  stopAt: always<readonly string[], undefined>(),
  /** Goes on after a stop. */
  resume: stopped<undefined, undefined>(),
  contexts: always<undefined, readonly ContextRecord[]>(),
  /** The kallsyms the guest has sent, once it has. */
  symbols: always<undefined, string | undefined>(),
  counters: always<undefined, Counters>(),
  /**
   * Takes away all that could stop the machine and asks the guest to switch itself off; when it has not after
   * {@link POWER_OFF_MS}, the machine ends all the same. False, and nothing happens, when the guest's user space is not up.
   */
  powerOff: always<undefined, boolean>(),
  /** Stops the machine for good and lets go of everything it holds. */
  shutdown: always<undefined, undefined>(),
};

export type MachineRequests = TypesOf<typeof machineRequests>;

/** Requests and the answers they get. */
export type Requests = DebugRequests & MachineRequests;

/** Milliseconds of the guest's time. */
export const POWER_OFF_MS = 5000;

export type RequestName = keyof Requests;

export type ToThread = {
  readonly [K in RequestName]: { readonly id: number; readonly name: K; readonly body: Requests[K]["request"] };
}[RequestName];

/** "running": the guest has a user space, whatever it does there. "ready": it said that its user space is up. */
export type Progress = "loading" | "booting" | "running" | "ready";

export type FromThread =
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly source: string;
      readonly message: string;
      readonly kind?: LogKind | undefined;
    }
  /** A backend is a pseudo-terminal with this path. */
  | { readonly type: "pty"; readonly path: string }
  | { readonly type: "progress"; readonly step: Progress }
  /** The guest's functions have names from now on. */
  | { readonly type: "symbols"; readonly count: number }
  | { readonly type: "stopped"; readonly station: string; readonly context: string }
  | { readonly type: "debug"; readonly event: DebugEvent }
  /** A vCPU waits for something nobody is left to do. */
  | { readonly type: "stuck"; readonly context: string; readonly reason: string }
  | { readonly type: "ended"; readonly end: GuestEnd }
  /** The machine could not be made; `status` is acrn-dm's exit status. */
  | { readonly type: "failed"; readonly status: number; readonly message: string }
  /** An error of the program itself has ended it. */
  | { readonly type: "crashed"; readonly message: string }
  | { readonly type: "answer"; readonly id: number; readonly value?: unknown; readonly error?: Refusal };

/** Why a request is not answered; the message is for people. */
export interface Refusal {
  readonly message: string;
  readonly code?: RefusalCode | undefined;
}
