import type { EngineLimits } from "../../doors/guest.ts";
import { DmOptionError, EX_USAGE } from "./error.ts";
import { leadingNumber } from "./numbers.ts";

/** `--cpu_affinity` on a board that has the physical CPUs a command line names. */

/** What a local APIC id may be, of 8 bits with 255 for all. */
const MAX_LAPIC_ID = 254;
/** pCPUs of the board. */
const MAX_PCPUS = 31;

/**
 * Adds the local APIC ids of one option to `ids` (devicemodel/core/vmmapi.c: acrn_parse_cpu_affinity). The list ends without an error at
 * the first entry that does not start with a digit.
 */
export function parseCpuAffinity(option: string, ids: number[], warnings: string[]): void {
  for (const entry of option.split(",")) {
    if (!/^[0-9]/.test(entry)) break;
    const id = leadingNumber(entry, 10)?.value ?? 0;
    if (id > MAX_LAPIC_ID || ids.length === MAX_PCPUS) {
      const most = `at most ${MAX_PCPUS} ids of local APICs, 0 to ${MAX_LAPIC_ID}`;
      const advice = `"${entry}" is not a CPU of this machine. Expected: ${most}, separated by commas.`;
      throw new DmOptionError(EX_USAGE, `invalid pcpu param ${option}`, advice);
    }
    if (ids.includes(id)) warnings.push(`--cpu_affinity: pcpu_id ${id} has been allocated to this VM.`);
    else ids.push(id);
  }
  if (ids.length === 0) warnings.push(`--cpu_affinity ${option}: names no CPU; the list ends at the first non-digit`);
}

/**
 * Bitmap of the pCPUs with these local APIC ids: pCPU n where the id is n. Boards number their CPUs without the gaps of
 * the ids, so ids too high for that have the last pCPUs.
 */
export function affinityBitmap(ids: readonly number[]): number {
  let bitmap = 0;
  for (const id of ids) if (id < MAX_PCPUS) bitmap |= 1 << id;
  let last = MAX_PCPUS - 1;
  for (const id of ids) {
    if (id < MAX_PCPUS) continue;
    while ((bitmap & (1 << last)) !== 0) last--;
    bitmap |= 1 << last;
  }
  return bitmap;
}

/** What is said where the VM has more vCPUs on ACRN than the guest's engine has here. */
export function affinityWarnings(ids: readonly number[], engine: EngineLimits | undefined): string[] {
  if (engine === undefined || ids.length <= engine.vcpus) return [];
  const here = engine.vcpus === 1 ? "one" : `${engine.vcpus}`;
  return [`--cpu_affinity ${ids.join(",")}: ACRN gives the VM ${ids.length} vCPUs; the guest here has ${here}`];
}
