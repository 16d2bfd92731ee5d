import type { MachineEnd } from "../owner/machine-thread.ts";
import { ExitStatus } from "./exit.ts";

/** What a machine's end means for the program: exit status and one sentence. */
export function describeEnd(end: MachineEnd): { readonly status: number; readonly text: string } {
  switch (end.kind) {
    case "power-off":
      return { status: ExitStatus.OK, text: "The guest has powered off." };
    case "halt":
      return { status: ExitStatus.OK, text: "The guest has halted." };
    case "reboot":
      return { status: ExitStatus.OK, text: "The guest has rebooted." };
    case "panic":
      return {
        status: ExitStatus.GUEST,
        text: `The guest's kernel has panicked${end.reason === undefined ? "" : `: ${end.reason}${adviceOn(end.reason)}`}`,
      };
    case "fault":
      return { status: ExitStatus.GUEST, text: `The guest failed: ${end.message}` };
    case "failed":
      // acrn-dm's own exit status says less than these.
      return { status: ExitStatus.GUEST, text: end.message };
    case "crashed":
      return { status: ExitStatus.INTERNAL, text: `The machine's thread ended unexpectedly: ${end.message}` };
  }
}

/** A kernel of one's own without an initrd, or with one it cannot unpack, ends like this (init/do_mounts.c, init/main.c). */
function adviceOn(panic: string): string {
  if (!/^VFS: Unable to mount root fs|^No working init found/.test(panic)) return "";
  return "; it has no user space, so give it an initrd with -r, one that it can unpack and that holds /init";
}
