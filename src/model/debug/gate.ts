import type { Entered } from "../chain/chain.ts";

/** What the debugger needs of the gate that stops the world. */
export interface Gate {
  readonly stopped: boolean;
  /** Number of the stop under way, or of the last one. */
  readonly stops: number;
  stop(told: () => void): void;
  resume(): void;
  watch(entered: Entered | undefined): void;
}
