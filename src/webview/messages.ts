/** What the webviews and the extension's host say to each other. Types only. */
import type { AcrnRequests } from "../debug-adapter/protocol.ts";

export type Overview = AcrnRequests["acrn/overview"]["body"];
export type KickHops = AcrnRequests["acrn/hops"]["body"];
export type Hop = KickHops["hops"][number];
export type StationFacts = Pick<AcrnRequests["acrn/sourceOf"]["body"]["places"][number], "about" | "roles">;
export type Virtqueue = AcrnRequests["acrn/virtqueue"]["body"];
export type Chain = Virtqueue["chains"][number];
export type ChainBuffer = Chain["buffers"][number];

/** none: no machine. */
export type MachineState = "none" | "starting" | "running" | "stopped" | "ended";

/** Texts of a view in the user's language; `{0}` and so on are filled in. */
export type Strings = { readonly [key: string]: string };

/** Boots a guest; `stop`: at its first kick. */
export type Boot = { readonly type: "boot"; readonly stop: boolean };

// --- Notify Chain ---

export interface ChainUpdate {
  readonly type: "update";
  readonly machine: MachineState;
  readonly kick?: KickHops;
  readonly overview?: Overview;
  /** What is known of the functions among the hops, by station. */
  readonly stations?: { readonly [station: string]: StationFacts };
}

export type FromChain =
  | { readonly type: "ready" }
  | Boot
  | { readonly type: "openSource"; readonly station: string }
  | { readonly type: "record"; readonly on: boolean }
  | { readonly type: "showVirtqueue"; readonly slot: number; readonly queue: number };

// --- Virtqueue ---

export interface QueueChoice {
  readonly slot: number;
  readonly queue: number;
  readonly label: string;
}

export interface VirtqueueUpdate {
  readonly type: "update";
  readonly machine: MachineState;
  /** The queues there are, and the one that is shown. */
  readonly choices: readonly QueueChoice[];
  readonly queue?: Virtqueue;
}

export type FromVirtqueue =
  | { readonly type: "ready" }
  | Boot
  | { readonly type: "select"; readonly slot: number; readonly queue: number }
  /** `count`: bytes. */
  | { readonly type: "openMemory"; readonly memoryReference: string; readonly count: number };
