import type { HandOverKind } from "../chain/hand-over-kinds.ts";
import type { Layer } from "../chain/station.ts";
import type { KickHops, KickHopsRequest, Overview } from "./overview.ts";
import type { VirtqueueRecord, VirtqueueRequest } from "./virtqueue.ts";

export type * from "./overview.ts";
export type * from "./virtqueue.ts";

/**
 * What a debugger asks of a machine and is told by it: plain data, sent between threads. A machine that stands still
 * answers all of it; what is marked "stopped only" is refused while the guest runs.
 *
 * Contexts are numbered as `contexts` lists them. Frame ids and variable references hold until the machine goes on.
 */

export type ContextId = number;
export type FrameId = number;
/** Names the children of a variable or scope; 0: it has none. */
export type VariablesReference = number;

// --- What to stop at ---

/** The parts every breakpoint has. Expressions are those of {@link EvaluateRequest}. */
export interface BreakpointRules {
  /** Stops only where this is true. */
  readonly condition?: string;
  /** `5`, `== 5`, `>= 5`, `> 5`, `< 5`, `<= 5`, `% 5`: which of the hits that meet the condition stop. */
  readonly hitCondition?: string;
  /** Is written as an `output` event instead of stopping; `{expression}` is replaced by its value. */
  readonly logMessage?: string;
}

/** Stops where one of these functions is entered. */
export interface StationBreakpoint extends BreakpointRules {
  /** The owner's number; reported when it is hit. */
  readonly id: number;
  /** Station ids; every one must be known. */
  readonly stations: readonly string[];
  /** Functions of the guest's kernel by the names of its symbols, whether they are stations or not. */
  readonly guestFunctions?: readonly string[];
  /** Only in this context. */
  readonly context?: ContextId;
  /** Only where this station has called it: the next outer function of the same context. Not inside the guest. */
  readonly caller?: string;
  /** Is taken away by the first stop it causes. */
  readonly oneShot?: boolean;
}

/**
 * Stops where a value has changed. Values are compared where a station is entered: the stop is at the first station
 * entered after the change and names the station before it. What the guest changes by itself is seen at its next exit.
 */
export interface DataBreakpoint extends BreakpointRules {
  readonly id: number;
  /** From {@link DataInfoAnswer}; valid for the life of the machine. */
  readonly dataId: string;
}

/**
 * unhandledIo: an access no device claims. stuck: a request nobody completes. lostKick: a write in an ioeventfd's
 * range that matches none, so that nobody is told. malformedChain: a descriptor chain the device refuses. guestPanic.
 * backendLost: the host's side of a console port closed.
 */
export const exceptionFilters = {
  unhandledIo: "An access no device claims",
  stuck: "A request nobody completes",
  lostKick: "A kick no ioeventfd matched",
  malformedChain: "A malformed descriptor chain",
  guestPanic: "The guest panics or its CPU gives up",
  backendLost: "A console backend is lost",
} as const;
export type ExceptionFilter = keyof typeof exceptionFilters;

export interface ExceptionBreakpoint {
  readonly filter: ExceptionFilter;
  readonly condition?: string;
}

/** Everything that is armed; replaces what was. Hit counts go on for an unchanged id, place and rules. */
export interface ArmRequest {
  readonly breakpoints: readonly StationBreakpoint[];
  readonly dataBreakpoints: readonly DataBreakpoint[];
  readonly exceptions: readonly ExceptionBreakpoint[];
  /** Stops at each kick, at the first one since the machine was made or a client came, or at those of one queue. */
  readonly stopOnKick?: true | "first" | number;
  /** The client goes: a step or a kick it has been waiting for stops nobody any more. */
  readonly leaves?: true;
}

/** What could not be armed and why; everything else is armed. */
export interface ArmAnswer {
  readonly breakpoints: readonly { readonly id: number; readonly message: string }[];
  readonly exceptions: readonly { readonly filter: string; readonly message: string }[];
}

// --- Going on ---

/**
 * in: the next station entered in this context, or in one it has handed over to since; when the guest goes on, the next
 * of its functions that is a station. over: the next one in this context that is not deeper. out: the next one in this
 * context that is less deep; functions that never return count as already left. Where the guest has stopped at a function
 * of its own, over and out end when that has returned; elsewhere in the guest they end at its next exit.
 */
export interface StepRequest {
  readonly kind: "in" | "over" | "out";
  readonly context: ContextId;
  /** With `in`: the next station entered in that context. */
  readonly target?: ContextId;
}

export interface StepInTarget {
  readonly context: ContextId;
  readonly contextName: string;
  /** Function that has handed over to it, or the context it did that in. */
  readonly by: string;
  readonly how: HandOverKind;
}

// --- Events ---

export type StopReason = "entry" | "pause" | "step" | "breakpoint" | "data breakpoint" | "exception" | "kick";

export interface ExceptionRecord {
  readonly id: ExceptionFilter;
  readonly description: string;
  /** "virtio 1.3, 2.7.5.3.1: …", or an ACRN file and function. */
  readonly rule: string;
  /** More, a line each. */
  readonly details: readonly string[];
  /** The guest code that did it, innermost first: "vp_notify+0x12 [virtio_pci]". */
  readonly guestCode: readonly string[];
}

export type DebugEvent =
  | {
      readonly type: "stopped";
      readonly reason: StopReason;
      readonly context: ContextId;
      /** The function entered last in that context; undefined elsewhere in the guest. */
      readonly station: string | undefined;
      readonly hitBreakpoints: readonly number[];
      readonly text: string;
      readonly exception?: ExceptionRecord;
    }
  | { readonly type: "continued" }
  /** Of a log point. */
  | {
      readonly type: "output";
      readonly text: string;
      readonly breakpoint: number;
      readonly station: string;
      readonly context: ContextId;
    };

// --- Looking ---

export interface StackRequest {
  readonly context: ContextId;
  readonly start?: number;
  /** All from `start` on when missing or 0. */
  readonly count?: number;
  /** Sends along what a debugger asks next anyway: {@link Look} at the first of these frames. */
  readonly look?: boolean;
}

/** Where a guest frame is, by the guest's own symbols. */
export interface GuestLocation {
  /** Linear address: of the instruction under way, or the one after the call. */
  readonly address: number;
  readonly offset: number | undefined;
  readonly module: string | undefined;
  /** `linear:0x…`, for readMemory and a disassembler. */
  readonly memoryReference: string;
}

export type FrameRecord = FunctionFrame | HandOverFrame;

interface FrameBase {
  readonly id: FrameId;
  readonly layer: Layer;
  readonly context: ContextId;
  readonly contextName: string;
}

export interface FunctionFrame extends FrameBase {
  readonly kind: "function";
  /** C name. */
  readonly name: string;
  /** Station id; undefined for guest functions that are not in the registry. */
  readonly station: string | undefined;
  /** C name of the next inner frame's function, of the same context. */
  readonly callee: string | undefined;
  /** The frame is a copy of what it was when it handed over. */
  readonly historic: boolean;
  readonly guest?: GuestLocation;
}

/** Between the stacks of two contexts, with no scopes of its own: how the outer one, which it is of, made the inner one go on. */
export interface HandOverFrame extends FrameBase {
  readonly kind: "handOver";
  readonly how: HandOverKind;
  /** Station that has handed over; undefined where none was entered. */
  readonly by: string | undefined;
  /** The eventfd that was signalled. */
  readonly eventfd: number | undefined;
  /** What was handed over, where the inner context is one that takes I/O requests. */
  readonly what: "I/O request" | undefined;
  /** The guest's process that has made this exit, while its CPU still shows it. */
  readonly task: { readonly name: string; readonly pid: number } | undefined;
}

export interface StackAnswer {
  /** Innermost first. */
  readonly frames: readonly FrameRecord[];
  readonly total: number;
  readonly look?: Look;
}

/** A frame's scopes, and the variables of its locals. Holds until a value is set or the machine goes on. */
export interface Look {
  readonly frame: FrameId;
  readonly scopes: readonly ScopeRecord[];
  /** Of the scope of kind "locals". */
  readonly locals: readonly VariableRecord[];
}

export interface ScopeRecord {
  readonly name: string;
  readonly kind: "locals" | "slot" | "queue" | "device" | "context" | "registers";
  readonly reference: VariablesReference;
  /** Reading it takes long. */
  readonly expensive: boolean;
}

export interface VariablesRequest {
  readonly reference: VariablesReference;
  readonly start?: number;
  /** All from `start` on when missing or 0, at most {@link MAX_VARIABLES}. */
  readonly count?: number;
  readonly hex?: boolean;
}
export const MAX_VARIABLES = 1000;

/** A value as it is shown. */
export interface ValueRecord {
  readonly value: string;
  readonly type: string | undefined;
  /** What it means, units included. */
  readonly about: string | undefined;
  readonly reference: VariablesReference;
  /** Number of children, by index or by name. */
  readonly indexed: number;
  readonly named: number;
  /** `guest:0x1000` (guest-physical), `linear:0xc0100000` or `service:0x40` (the Service VM's memory). */
  readonly memoryReference: string | undefined;
  /** setVariable takes it. */
  readonly writable: boolean;
}

export interface VariableRecord extends ValueRecord {
  readonly name: string;
  /** Expression that gives it in any frame; undefined where only the frame knows it. */
  readonly evaluateName: string | undefined;
  /** dataInfo gives a dataId for it. */
  readonly watchable: boolean;
}

export interface SetVariableRequest {
  readonly reference: VariablesReference;
  readonly name: string;
  /** An expression; must give a number that fits. */
  readonly value: string;
  readonly frame?: FrameId;
  readonly hex?: boolean;
}

/**
 * Expressions: the frame's values by name, `vcpu`, `slot[n].processed`, `queue.avail.idx`, `device.status`,
 * `devices[3].queues[1]`, `hsm`, `u8(address)` to `u64(address)` of guest-physical memory, enumerators (`PENDING`, `IoreqState.FREE`),
 * numbers, strings, `! ~ - + * / % << >> & ^ | < <= > >= == != && || ?:`. Nothing has a side effect.
 */
export interface EvaluateRequest {
  readonly expression: string;
  /** Without one: what the whole machine knows. */
  readonly frame?: FrameId;
  /** clipboard: the plain value, without meaning. */
  readonly context?: "watch" | "hover" | "repl" | "clipboard";
  readonly hex?: boolean;
}

export interface CompletionsRequest {
  readonly text: string;
  /** Characters before the cursor. */
  readonly column: number;
  readonly frame?: FrameId;
}

export interface CompletionRecord {
  readonly label: string;
  readonly kind: "value" | "enum" | "field" | "function";
  readonly about: string | undefined;
  /** What it replaces, from the start of the text. */
  readonly start: number;
  readonly length: number;
}

export interface ReadMemoryRequest {
  /** As a `memoryReference`; a plain number means guest-physical. */
  readonly memoryReference: string;
  readonly offset?: number;
  /** At most {@link MAX_MEMORY_BYTES}. */
  readonly count: number;
}
export const MAX_MEMORY_BYTES = 1024 * 1024;

export interface ReadMemoryAnswer {
  /** Where `bytes` begins, in the reference's space. */
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Bytes asked for behind them that cannot be read. */
  readonly unreadable: number;
}

export interface WriteMemoryRequest {
  readonly memoryReference: string;
  readonly offset?: number;
  readonly bytes: Uint8Array;
}

/** A child of a reference, an expression, or a range of memory. */
export type DataInfoRequest =
  | { readonly reference: VariablesReference; readonly name: string; readonly frame?: FrameId }
  | { readonly expression: string; readonly frame?: FrameId }
  | { readonly memoryReference: string; readonly bytes: number };

export interface DataInfoAnswer {
  /** Undefined: it cannot be watched, `description` says why. */
  readonly dataId: string | undefined;
  readonly description: string;
  readonly accessTypes: readonly "write"[];
}

/** Why a request is refused, where whoever asks has something to do about it. */
export type RefusalCode = "noContext";

/** Requests and the answers they get. */
export interface DebugRequests {
  arm: { readonly request: ArmRequest; readonly answer: ArmAnswer };

  // Stopped only; answered at once, followed by `continued`.
  continue: { readonly request: undefined; readonly answer: undefined };
  step: { readonly request: StepRequest; readonly answer: undefined };
  /** To the next kick; of that queue, or of any. */
  /** `running`: whoever asks has seen no stop; one that has come meanwhile stays. */
  runToKick: {
    readonly request: { readonly queue?: number; readonly slot?: number; readonly running?: boolean };
    readonly answer: undefined;
  };

  /** Stops as soon as possible, also inside the guest. Does nothing when stopped. */
  pause: { readonly request: undefined; readonly answer: undefined };

  // Stopped only.
  stepInTargets: { readonly request: ContextId; readonly answer: readonly StepInTarget[] };
  stack: { readonly request: StackRequest; readonly answer: StackAnswer };
  scopes: { readonly request: FrameId; readonly answer: readonly ScopeRecord[] };
  variables: { readonly request: VariablesRequest; readonly answer: readonly VariableRecord[] };
  setVariable: { readonly request: SetVariableRequest; readonly answer: ValueRecord };
  evaluate: { readonly request: EvaluateRequest; readonly answer: ValueRecord };
  completions: { readonly request: CompletionsRequest; readonly answer: readonly CompletionRecord[] };
  dataInfo: { readonly request: DataInfoRequest; readonly answer: DataInfoAnswer };
  readMemory: { readonly request: ReadMemoryRequest; readonly answer: ReadMemoryAnswer };
  /** All bytes or none; answers how many. */
  writeMemory: { readonly request: WriteMemoryRequest; readonly answer: number };

  // Any time.
  overview: { readonly request: undefined; readonly answer: Overview };
  virtqueue: { readonly request: VirtqueueRequest; readonly answer: VirtqueueRecord };
  kickHops: { readonly request: KickHopsRequest; readonly answer: KickHops };
}
