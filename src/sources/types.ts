import type { Station } from "../model/chain/station.ts";
import type { TreeKind } from "../shared/source-trees.ts";

/** What is needed of a station to find it; a frame of the guest's own kernel has an empty `file`. */
export type StationRef = Pick<Station, "id" | "layer" | "repository" | "file" | "aliases" | "pointers">;

export type { TreeKind };

/** A checkout on the user's disk. */
export interface Tree {
  readonly kind: TreeKind;
  /** Absolute, as given or found; symbolic links are not resolved. */
  readonly root: string;
  /** As the tree itself says it: "3.4-unstable", "6.12.1"; absent when it cannot be read. */
  readonly version?: string;
  /** Of a Linux tree: whether it has the HSM driver, and whether with ACRN's asyncio (projectacrn/acrn-kernel). */
  readonly hsm?: "none" | "mainline" | "acrn-kernel";
  readonly from: "configured" | "workspace";
}

/** A call inside a function. Lines and columns count from 1, columns in UTF-16 units. */
export interface Call {
  /** The function's name, or the field's or variable's for a call through a pointer: `notify` of `(*vq->notify)(vq)`. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly pointer?: true;
}

export interface FunctionDef {
  readonly name: string;
  /** Line and column of the name. */
  readonly line: number;
  readonly column: number;
  /** First line of the definition (its type) and line of the closing brace. */
  readonly start: number;
  readonly end: number;
  readonly isStatic: boolean;
  /** Preprocessor conditions around it, outermost first: "#ifdef CONFIG_X", "#else of #ifdef CONFIG_X". */
  readonly conditions?: readonly string[];
  /** Found by its text, because the file does not parse there (a macro, or a line being edited). */
  readonly byText?: true;
  readonly calls: readonly Call[];
}

/** What is known of one source file. */
export interface FileIndex {
  /** Inside the tree, with forward slashes. */
  readonly path: string;
  readonly functions: readonly FunctionDef[];
  /** Places that did not parse, and the first one's line. */
  readonly errors: number;
  readonly errorLine?: number;
}

const skipReasons = [
  "too large",
  "unreadable",
  "binary",
  "not a file",
  "symbolic link",
  "folder too deep",
  "too many files",
  "too much text",
  "nested too deeply",
  "parsing took too long",
] as const;
export type SkipReason = (typeof skipReasons)[number];

/** Everything that was left out, with a few paths as examples. */
export type SkipReport = { readonly [reason in SkipReason]?: { readonly count: number; readonly examples: string[] } };

/** The index of one tree. */
export interface TreeIndex {
  readonly files: readonly FileIndex[];
  readonly skipped: SkipReport;
  /** Names that were searched in the whole tree, found or not. */
  readonly searched: readonly string[];
}

export interface IndexProgress {
  readonly root: string;
  readonly phase: "reading" | "searching";
  /** Files done and to do. */
  readonly done: number;
  readonly total: number;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where a station is. */
export interface Location {
  readonly kind: "found";
  readonly origin: "checkout" | "model";
  /** Absolute. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly functionRange: Range;
  /** Its name there; an alias or, in the model, the TypeScript name may differ from the station's id. */
  readonly name: string;
  /** How it was matched: where the registry says, there under another name, or in another file. */
  readonly match: "file" | "alias" | "moved";
  /** What a person should know: other definitions, another file, a place that does not parse. */
  readonly note?: string;
}

export interface Missing {
  readonly kind: "missing";
  readonly reason: string;
  /** The tree is still being indexed: ask again after `ready`. */
  readonly pending?: true;
}

/** The line in a caller's body that leads to a callee. */
export interface CallSite {
  readonly kind: "found";
  readonly origin: "checkout" | "model";
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** Functions in between, outermost first; empty when the caller calls it itself. */
  readonly through: readonly string[];
  /** The call is through a pointer of this name. */
  readonly pointer?: string;
  /** Other lines of the caller that lead there in the same way. */
  readonly others: readonly number[];
}

/** A place a breakpoint can be at: a function's entry, or a call in it that leads to other stations. */
export interface BreakpointPlace {
  readonly line: number;
  readonly column: number;
  readonly station: StationRef;
  /** Of a call: the stations it leads to. Empty for the function itself. */
  readonly callees: readonly StationRef[];
}

export interface PlaceAt extends BreakpointPlace {
  readonly kind: "found";
  readonly origin: "checkout" | "model";
  readonly path: string;
  readonly functionRange: Range;
  /** True when `line` is not the line that was asked for. */
  readonly moved: boolean;
}
