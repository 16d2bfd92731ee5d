import type { MachineSpec } from "../model/protocol/machine.ts";
import { describeEnd } from "./guest-end.ts";
import { hasShell, planKicks } from "./kick-plan.ts";
import { MachineSession } from "./machine-session.ts";
import { usage } from "./options.ts";
import { traceTables } from "./trace.ts";

const COMMANDS = ["uname -a", "cat /proc/interrupts", "ls -l /dev/hvc0 /sys/bus/pci/devices"];

/**
 * What `npm start` does without a terminal: boots, runs a few commands over the console, prints the hops of one kick,
 * powers the guest off. Returns the exit status.
 */
export async function demoCommand(spec: MachineSpec, log: number): Promise<number> {
  if (!hasShell(spec)) throw usage("the demonstration types at a console; give one port @stdio, as @stdio:port");
  const { slot, queue } = planKicks(spec, { kicks: 1 });
  const started = performance.now();
  const session = new MachineSession(spec, { log, echo: (text) => process.stdout.write(text) });
  try {
    const { machine, shell } = session;
    await session.guard(shell.prompt());
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    for (const command of COMMANDS) await session.guard(shell.run(command));
    const traced = machine.request("trace", { slot, queue, kicks: 1 });
    await session.guard(shell.run("echo one kick, please"));
    const kicks = await session.guard(traced);
    await shell.type("poweroff\n");
    const { status, text } = describeEnd(await machine.ended);
    process.stdout.write(`\n\nShell prompt after ${seconds} s. How the guest's echo got to this terminal:\n\n`);
    process.stdout.write(`${traceTables(kicks, spec)}\n\n${text}\n`);
    return status;
  } finally {
    await session.close();
  }
}
