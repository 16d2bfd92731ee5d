import { DmExit } from "../device-model/config.ts";
import type { FromThread } from "../protocol/machine.ts";

/**
 * What is told of a machine that an error has ended. `firstError`: the first that was logged while it was made, which
 * tells the reason.
 */
export function failure(error: unknown, when: "making" | "running", firstError?: string): FromThread {
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof DmExit)) return { type: "failed", status: 3, message };
  const { status } = error;
  if (when === "running") return { type: "failed", status, message: `acrn-dm has ended: ${message}` };
  const reason = firstError === undefined || firstError === message ? message : `${firstError} (${message})`;
  return { type: "failed", status, message: `The machine cannot be made: ${reason}` };
}
