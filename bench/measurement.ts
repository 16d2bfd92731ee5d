import type { Result } from "./report.ts";

/** Something that is measured in rounds; within a round, and from round to round, its sides take turns. */
export interface Measurement {
  round(number: number): Promise<void>;
  result(): Result;
  /** Ends what it has started; called in any case. */
  end?(): Promise<void>;
}
