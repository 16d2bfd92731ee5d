/**
 * What this adapter adds to the Debug Adapter Protocol: attributes, custom requests and events. Types only, so that a
 * client may use this file without the adapter.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { HopRecord } from "../model/chain/hop-records.ts";
import type { ValueRole } from "../model/chain/station.ts";
import type {
  KickHops,
  KickHopsRequest,
  Overview,
  VirtqueueRecord,
  VirtqueueRequest,
} from "../model/protocol/debug.ts";
import type { KickTrace, StationCounts, TraceRequest } from "../model/protocol/machine.ts";

/** Attributes of a launch of type `acrn`; all may be left out. */
export interface AcrnLaunchArguments {
  /** Starts the guest with nothing armed. */
  readonly noDebug?: boolean;
  /** acrn-dm's command line, as a shell would split it or split already. Without `-s` there is a default set of devices. */
  readonly dmArgs?: string | readonly string[];
  /** Paths: a 32-bit vmlinux or bzImage, an initrd, a folder put over the initrd. */
  readonly kernel?: string;
  readonly initrd?: string;
  readonly overlay?: string;
  /** Added to the kernel's command line. */
  readonly append?: string;
  /** Guest memory as acrn-dm's -m takes it, "256m"; a number counts MiB. */
  readonly memory?: string | number;
  /** What a client's settings say: used where neither an attribute nor `dmArgs` says something else. */
  readonly defaults?: { readonly kernel?: string; readonly initrd?: string; readonly memory?: string };
  /** Stops before the guest's first instruction. */
  readonly stopOnEntry?: boolean;
  /** Stops at each kick of a virtqueue, at the first one, or at those of one queue. */
  readonly stopOnKick?: boolean | "first" | number;
  /** Where the guest's stdio console goes; "terminal" when left out. */
  readonly console?: ConsoleKind;
  /**
   * The client shows a console of kind "terminal" itself, by `acrn/console` events, as if it had announced
   * `supportsAcrnConsole`: for clients whose program writes `launch` but not `initialize`.
   */
  readonly consoleEvents?: boolean;
  /** Checkouts of the sources; others are looked for in `workspace`. `prefer`: what frames show, default "checkout". */
  readonly sources?: { readonly acrn?: string; readonly linux?: string; readonly prefer?: "checkout" | "model" };
  /** Folders in which checkouts are looked for. */
  readonly workspace?: readonly string[];
  /** Records every hop from the start; `acrn/hops` and `acrn/trace` give them. */
  readonly record?: boolean;
  /** Environment variables of the guest's init. */
  readonly env?: { readonly [name: string]: string };
}

export type ConsoleKind = "terminal" | "pty" | "none";

/** Attributes of an attach; the machine is the one the server has. */
export type AcrnAttachArguments = Pick<
  AcrnLaunchArguments,
  "stopOnKick" | "sources" | "workspace" | "record" | "console" | "consoleEvents"
>;

/** A client that shows the console itself says so among the arguments of `initialize`. */
export interface AcrnInitializeArguments {
  readonly supportsAcrnConsole?: boolean;
}

/** What `port` always says: the port with the stdio backend, whatever its name in `dmArgs`. */
export const STDIO_PORT = "stdio";

/**
 * Bytes of console output that may be unacknowledged. The guest waits for more until `acrn/consoleAck` tells that the
 * client has shown some.
 */
export const CONSOLE_WINDOW = 64 * 1024;

export interface ConsoleOutput {
  readonly port: string;
  readonly data: string;
  readonly offset: number;
}

/**
 * starting: the guest boots, and nothing has stopped it. running: it has come up, or has been stopped before. stopped: the
 * world stands still. ended: nothing is left of the machine.
 */
export type MachineState = "starting" | "running" | "stopped" | "ended";

export interface AcrnEvents {
  /** What the machine is from now on; after the protocol's own events for the same. */
  "acrn/state": { readonly state: MachineState };
  /** The guest has sent its own symbols: functions of its modules, too, have names from now on. */
  "acrn/symbols": undefined;
  /** Answers `defaults`, before the machine is made: those that are part of it. */
  "acrn/defaults": { readonly used: readonly ("kernel" | "initrd" | "memory")[] };
  /** Before `initialized`: checkouts that frames show because they are in `workspace`; nobody has named them. */
  /** At the first stop: there is no checkout of acrn-hypervisor, and frames show the model's own source. */
  "acrn/modelSource": undefined;
  "acrn/checkoutsFound": { readonly folders: readonly string[] };
  /**
   * Output of the guest, base64. `offset`: bytes the console has written before, since the machine was made. The first event
   * may be without output: it says that this client has the console.
   */
  "acrn/console": ConsoleOutput;
  /** A guest console has its own pseudo-terminal: any terminal program can open this path. */
  "acrn/pty": { readonly path: string };
}

export interface AcrnRequests {
  /** That many bytes of output have been shown. */
  "acrn/consoleAck": {
    readonly arguments: { readonly port: string; readonly bytes: number };
    readonly body: undefined;
  };
  /** Input for the guest, base64; answered when the guest's side holds all of it. */
  "acrn/consoleInput": {
    readonly arguments: { readonly port: string; readonly data: string };
    readonly body: undefined;
  };
  /** The machine at a glance: devices, queues, clients, ranges, ioeventfds, slots, interrupts, counters. */
  "acrn/overview": { readonly arguments: object; readonly body: Overview };
  /** A virtqueue with its rings and the chains that are in them. */
  "acrn/virtqueue": { readonly arguments: VirtqueueRequest; readonly body: VirtqueueRecord };
  /** Where functions of the chain are in the sources that frames show, and what they do. */
  "acrn/sourceOf": {
    readonly arguments: { readonly stations: readonly string[] };
    readonly body: { readonly places: readonly StationPlace[] };
  };
  /** Hops of the kick under way, else of the last one; needs `record`. */
  "acrn/hops": { readonly arguments: KickHopsRequest; readonly body: KickHops };
  /** Switches the recording of hops on or off. */
  "acrn/record": { readonly arguments: { readonly on: boolean }; readonly body: undefined };
  /** Every hop recorded since that number. */
  "acrn/recorded": {
    readonly arguments: { readonly since?: number };
    readonly body: { readonly next: number; readonly hops: readonly HopRecord[] };
  };
  /** How often functions of the chain were entered in the hops recorded since that number. */
  "acrn/stationCounts": { readonly arguments: { readonly since?: number }; readonly body: StationCounts };
  /** The next kicks with all their hops; answered when they have happened. `cancel` and `disconnect` end it. */
  "acrn/trace": {
    readonly arguments: Partial<TraceRequest>;
    readonly body: { readonly kicks: readonly KickTrace[] };
  };
  /** Goes on to the next kick, of one queue or of any; the client is told by `continued`. */
  "acrn/continueToKick": { readonly arguments: { readonly queue?: number }; readonly body: undefined };
}

/** Without `source` the function is in no source that is known; without `about` it is no station. */
export interface StationPlace {
  readonly station: string;
  readonly about?: string;
  /** Which of its hops' values tell the state of an I/O request's slot or of a ring, and which one. */
  readonly roles?: { readonly [value: string]: ValueRole };
  readonly source?: DebugProtocol.Source;
  readonly line?: number;
  readonly column?: number;
}
