import type { HopRecord } from "../model/chain/hop-records.ts";
import { hasWorkbenchPort } from "../model/device-model/hw/pci/configured.ts";
import { builtInDeviceClasses } from "../model/device-model/hw/pci/devices.ts";
import type { KickTrace, MachineSpec, TraceRequest, WayBack } from "../model/protocol/machine.ts";
import { SYMBOLS_PORT } from "../model/thread/workbench-ports.ts";
import { CliError, ExitStatus } from "./exit.ts";
import { hasShell, planInput, planKicks } from "./kick-plan.ts";
import { MachineSession } from "./machine-session.ts";
import type { Mode } from "./options.ts";
import { formatTable } from "./table.ts";

export interface TraceOptions {
  /** Undefined: the first device that can be traced, and the queue it names. */
  readonly queue: number | undefined;
  readonly slot: number | undefined;
  readonly kicks: number;
  /** Input that arrives at a backend instead of kicks. */
  readonly input: boolean;
  readonly mode: Mode;
  readonly log: number;
}

/**
 * Boots the guest and returns the kicks asked for. Kicks of a data queue are taken after the guest's user space is up
 * and provoked by typing; all others happen while the driver starts, so they are awaited from the beginning.
 */
export async function traceKicks(spec: MachineSpec, options: TraceOptions): Promise<readonly KickTrace[]> {
  if (options.input) return traceInput(spec, options);
  const { slot, queue, provoke } = planKicks(spec, options);
  const request = { slot, queue, kicks: options.kicks };
  if (process.stderr.isTTY) process.stderr.write("Booting a guest to trace its kicks.\n");
  const session = new MachineSession(spec, options);
  try {
    const { machine, shell } = session;
    await session.until("booting");
    if (provoke === undefined) return await kicksOfStart(session, request, hasShell(spec));
    await session.guard(shell.prompt());
    if (sendsSymbols(spec)) await session.until("symbols");
    const traced = machine.request("trace", request);
    // Each line is echoed or written by the guest: at least one kick.
    for (let typed = 0; typed < options.kicks; typed++) await shell.type(`${provoke}\n`);
    return await session.guard(traced);
  } finally {
    await session.close();
  }
}

/** Types one character after the other at the guest's prompt, each when the one before has arrived. */
async function traceInput(spec: MachineSpec, options: TraceOptions): Promise<readonly KickTrace[]> {
  const { slot, queue } = planInput(spec, options);
  if (process.stderr.isTTY) process.stderr.write("Booting a guest to trace its input.\n");
  const session = new MachineSession(spec, options);
  const inputs: KickTrace[] = [];
  try {
    const { machine, shell } = session;
    await session.guard(shell.prompt());
    if (sendsSymbols(spec)) await session.until("symbols");
    while (inputs.length < options.kicks) {
      const traced = machine.request("trace", { slot, queue, kicks: 1, input: true });
      // Requests are answered in their order, but what is typed goes another way.
      await session.guard(machine.request("counters", undefined));
      await shell.type("x");
      inputs.push(...(await session.guard(traced)));
      await session.guard(shell.until(() => shell.output.endsWith("x".repeat(inputs.length)), "the echo"));
    }
    return inputs;
  } finally {
    await session.close();
  }
}

/** Kicks of the driver's start: when the guest's shell is there, no more will come. */
async function kicksOfStart(
  session: MachineSession,
  request: TraceRequest,
  hasPrompt: boolean,
): Promise<readonly KickTrace[]> {
  const { machine, shell } = session;
  const enough = new AbortController();
  const traced = machine.request("trace", request, enough.signal);
  const up = hasPrompt ? session.guard(shell.prompt()).then(() => undefined) : session.guard(traced);
  const kicks = await session.guard(Promise.race([traced, up]));
  if (kicks !== undefined) return kicks;
  enough.abort();
  const some = await session.guard(traced);
  if (some.length === request.kicks) return some;
  throw new CliError(
    ExitStatus.GUEST,
    `queue ${request.queue} was kicked ${some.length} time(s) while the guest started, ${request.kicks} asked for`,
  );
}

const sendsSymbols = (spec: MachineSpec): boolean =>
  spec.symbols !== undefined || hasWorkbenchPort(spec.config.slots, SYMBOLS_PORT, builtInDeviceClasses);

/** The mode the kicks really took: B when the HSM's ioeventfd client handled them. */
function modeOf(hops: readonly HopRecord[]): Mode {
  return hops.some((hop) => hop.station === "acrn_ioeventfd_handler") ? "B" : "A";
}

/** `{ "mode", "back", "hops" }`: how each kick ends, and the hops of all in one list, indices and times counted on. */
export function traceJson(kicks: readonly KickTrace[]): string {
  const hops: HopRecord[] = [];
  for (const kick of kicks) {
    const base = hops.length;
    const shift = (index: number | null): number | null => (index === null ? null : index + base);
    hops.push(...kick.hops.map((hop) => ({ ...hop, cause: shift(hop.cause), caller: shift(hop.caller) })));
  }
  return JSON.stringify({ mode: modeOf(hops), back: kicks.map(({ back }) => back), hops }, undefined, 2);
}

/** One table a kick. */
export function traceTables(kicks: readonly KickTrace[], { config }: MachineSpec): string {
  const deviceIn = (slot: number) => config.slots.find((device) => device.slot === slot)?.emul ?? "device";
  return kicks.map((kick) => traceTable(kick, deviceIn(kick.slot))).join("\n\n");
}

/** Said with every table. */
const TIMES = "Times are those of the model on this computer, without what looks at it; a processor takes others.";

/** Why it ends at run_vcpu, where it does. */
const ENDS: { readonly [back in Exclude<WayBack, "seen">]: string } = {
  noInterrupt: "It ends at run_vcpu: the device has raised no interrupt.",
  notTaken: "It ends at run_vcpu: the guest took the interrupt after its next kick only, and one for both.",
  unseen: "It ends at run_vcpu: the guest's interrupt cannot be followed, because its kernel's symbols are not known.",
};

function traceTable({ input, slot, queue, back, hops }: KickTrace, device: string): string {
  const rows = hops.map((hop, index) => [
    String(index),
    (hop.t_ns / 1000).toFixed(1),
    hop.layer,
    hop.context,
    `${"  ".repeat(hop.depth)}${hop.station}${hop.resumed ? " (resumed)" : ""}`,
    hop.cause === null ? "" : `by ${hop.cause}`,
    Object.entries(hop.values)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
  ]);
  const what = input === true ? "Input at" : `Kick of queue ${queue},`;
  const title = `${what} ${device} in slot ${slot}, mode ${modeOf(hops)}: ${hops.length} hops`;
  const table = formatTable(["hop", "us", "layer", "context", "station", "cause", "values"], rows, [0, 1]);
  return [title, TIMES, table, ...(back === "seen" ? [] : [ENDS[back]])].join("\n");
}
