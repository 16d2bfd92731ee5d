import { DmExit } from "../device-model/config.ts";
import type { FromThread } from "../protocol/machine.ts";

/** Where in the chain an error came from. */
export interface Thrown {
  readonly error: unknown;
  readonly station: { readonly id: string };
  readonly context: { readonly name: string };
}

export interface Circumstances {
  readonly when: "making" | "running";
  /** The first error that was logged while the machine was made, which tells the reason. */
  readonly firstError?: string | undefined;
  /** What was thrown last in a function of the chain. */
  readonly thrown?: Thrown | undefined;
}

/** What is told of a machine that an error has ended. */
export function failure(error: unknown, { when, firstError, thrown }: Circumstances): FromThread {
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof DmExit) {
    const { status } = error;
    if (when === "running") return { type: "failed", status, message: `acrn-dm has ended: ${message}` };
    const reason = firstError === undefined || firstError === message ? message : `${firstError} (${message})`;
    return { type: "failed", status, message: `The machine cannot be made: ${reason}` };
  }
  const within = thrown?.error === error ? thrown : undefined;
  if (!isInternal(error) && (when === "making" || within === undefined)) return { type: "failed", status: 3, message };
  const place = within === undefined ? "" : ` in ${within.station.id} (${within.context.name})`;
  return { type: "crashed", message: `internal error${place}: ${message}` };
}

/** JavaScript's own errors; those with something to tell users are plain ones, or Node's, which have a code. */
const isInternal = (error: unknown): boolean =>
  !(error instanceof Error) ||
  (!("code" in error) && [TypeError, RangeError, ReferenceError, SyntaxError].some((type) => error instanceof type));
