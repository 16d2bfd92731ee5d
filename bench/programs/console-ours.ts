import { GuestShell } from "../../src/cli/guest-shell.ts";
import { MachineThread } from "../../src/owner/machine-thread.ts";
import { spec } from "../guest.ts";
import { BULK, type ConsoleFigures, runWorkload, SMALL } from "../workload.ts";

/** Boots the machine with the console alone, writes to it, prints the figures as JSON. */

const shell: GuestShell = new GuestShell(() => machine);
const machine: MachineThread = new MachineThread(spec("console"), { log: () => {}, onConsole: shell.take });

/** The small writes, and the model's share of each kick. */
async function small(): Promise<{ seconds: number; kicks: number; microseconds: number }> {
  const before = await machine.request("counters", undefined);
  const seconds = await runWorkload(shell, SMALL);
  const after = await machine.request("counters", undefined);
  const kicks = after.kicks - before.kicks;
  return { seconds, kicks, microseconds: ((after.kickMs - before.kickMs) * 1000) / kicks };
}

await shell.prompt();
// The first round compiles what the later ones run.
await runWorkload(shell, BULK);
await small();
const bulk = await runWorkload(shell, BULK);
const plain = await small();
await machine.request("record", true);
await small();
const recorded = await small();
await machine.request("record", false);
const figures: ConsoleFigures = {
  bulk,
  small: plain.seconds,
  kicksPerSecond: plain.kicks / plain.seconds,
  modelMicroseconds: plain.microseconds,
  recordedSmall: recorded.seconds,
  recordedMicroseconds: recorded.microseconds,
};
await machine.shutdown();
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
