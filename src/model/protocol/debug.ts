import type { HandOverKind } from "../chain/hand-over-kinds.ts";

export type * from "./looking.ts";
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
 * Devices have some of their own.
 */
export const exceptionFilters = {
  unhandledIo: "An access no device claims",
  stuck: "A request nobody completes",
  lostKick: "A kick no ioeventfd matched",
  malformedChain: "A malformed descriptor chain",
  guestPanic: "The guest panics or its CPU gives up",
} as const;
/** One of these, or of a device. */
export type ExceptionFilter = string;

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
  /** Where it cannot be hit: `pending`, as things are now. */
  readonly breakpoints: readonly { readonly id: number; readonly message: string; readonly pending: boolean }[];
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
  /** Which of the guest's functions can be stopped at is no longer what it was: it has loaded or unloads modules, say. */
  | { readonly type: "guestFunctions" }
  /** Of a log point. */
  | {
      readonly type: "output";
      readonly text: string;
      readonly breakpoint: number;
      readonly station: string;
      readonly context: ContextId;
    };

/** Why a request is refused, where whoever asks has something to do about it. */
export type RefusalCode = "noContext";
