import type { HandOverKind } from "../chain/hand-over-kinds.ts";
import type { Layer } from "../chain/station.ts";
import type { ContextId, FrameId, VariablesReference } from "./debug.ts";

/** What a debugger looks at while the machine stands still: stacks, values, memory. */

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
  /** Its place among the others: what is nearest to the selected function has the lowest. */
  readonly rank: number;
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
