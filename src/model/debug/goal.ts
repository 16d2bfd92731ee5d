import type { StopReason } from "../protocol/debug.ts";
import type { Fault } from "./exceptions.ts";
import type { Return } from "./guest-functions.ts";
import type { StepEnd } from "./stepping.ts";

/** Why the machine stops, and what is told of it. */
export interface Stop {
  readonly reason: StopReason;
  readonly text: string;
  readonly hit?: readonly number[];
  readonly fault?: Fault;
  /** Where that is not the context's innermost function: inside the guest. */
  readonly station?: string;
}

/** Where to stop next, besides what is armed: the end of a step, of a run to a kick. */
export type Goal =
  /** `intoGuest`: functions of the guest end it too. */
  | { readonly reason: "step"; readonly ends: StepEnd; readonly intoGuest: boolean; readonly returnTo?: Return }
  | { readonly reason: "kick"; readonly queue: number | undefined; readonly slot: number | undefined };
