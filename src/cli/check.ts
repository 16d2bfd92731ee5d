import { checkFiles, checkImage } from "./check-files.ts";
import { checkBoot, checkMemory, checkPty, checkThread, checkVersions } from "./check-machine.ts";
import { ExitStatus } from "./exit.ts";
import { PROJECT } from "./machine-spec.ts";
import { type GuestOptions, parseOptions } from "./options.ts";

/** ok: as it should be. note: missing, but few need it. failed: the guest cannot be used as it should. */
export type Outcome = "ok" | "note" | "failed";

/** What one check has found; of what failed, `detail` says what to do. */
export interface Finding {
  readonly outcome: Outcome;
  readonly about: string;
  readonly detail: string;
}

export interface CheckOptions {
  /** Boots a guest at the end. */
  readonly boot: boolean;
  /** Folder with dist/ and guest-image/; this program's own if left out. */
  readonly project?: URL;
}

/** Checks the installation, one thing after the other. Later checks run also where earlier ones have failed. */
async function* findings({ boot, project = PROJECT }: CheckOptions): AsyncGenerator<Finding, void, void> {
  const options = parseOptions("demo", []) as GuestOptions;
  yield checkVersions(project);
  yield await checkFiles(project);
  yield await checkImage(project);
  yield checkMemory(options.config.memSize);
  yield await checkThread();
  yield checkPty();
  if (boot) yield await checkBoot(options, project);
}

/** `acrn-virtio check`: prints a line a check, `print` at once. Returns the exit status. */
export async function checkCommand(options: CheckOptions, print: (line: string) => unknown): Promise<number> {
  let status: number = ExitStatus.OK;
  for await (const finding of findings(options)) {
    await print(checkLine(finding));
    if (finding.outcome === "failed") status = ExitStatus.GUEST;
  }
  return status;
}

/** `failed  guest image: vmlinux is missing; ...`: outcome, two columns on what was checked, a colon, what was found. */
export function checkLine({ outcome, about, detail }: Finding): string {
  return `${outcome.padEnd(8)}${about}: ${detail.replace(/\s*\n\s*/g, " ")}`;
}
