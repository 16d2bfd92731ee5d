import type { MachineSpec } from "../model/protocol/machine.ts";
import { hasShell } from "./kick-plan.ts";

/** Milliseconds a kernel may boot without a word. The image's shows its prompt after 4 to 5 s. */
const PATIENCE_MS = 10_000;

const ADVICE =
  `Nothing has come from the guest for ${PATIENCE_MS / 1000} s. If its kernel has no console on /dev/hvc0 (virtio_console with virtio_pci, ` +
  "built in or loaded by its init), its first messages come with " +
  '-s 0:0,hostbridge -s 1:0,lpc -l com1,stdio -B "earlyprintk=ttyS0,keep"\r\n';

/**
 * Tells what to do if a kernel that is not the image's boots without output on this terminal. Returns what is to be called for
 * its output, and at its end.
 */
export function watchSilence(spec: MachineSpec, tell: (text: string) => unknown): () => void {
  if (spec.config.kernel === undefined || !hasShell(spec)) return () => {};
  const timer = setTimeout(tell, PATIENCE_MS, ADVICE).unref();
  return () => clearTimeout(timer);
}
