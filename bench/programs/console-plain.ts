import { GuestShell } from "../../src/cli/guest-shell.ts";
import type { MachineThread } from "../../src/owner/machine-thread.ts";
import { spec } from "../guest.ts";
import { BULK, type ConsoleFigures, runWorkload, SMALL } from "../workload.ts";
import { type PlainV86, startPlainV86 } from "./plain-v86.ts";

/** The same for v86 with its own virtio-console. */

let plain: PlainV86 | undefined;
const console_ = {
  console: { send: async (bytes: Uint8Array) => plain?.input(bytes) },
  ended: new Promise<never>(() => {}),
};
const shell = new GuestShell(() => console_ as unknown as MachineThread);
plain = await startPlainV86(spec("console").commandLine, shell.take);
await shell.prompt();
await runWorkload(shell, BULK);
await runWorkload(shell, SMALL);
const figures: ConsoleFigures = { bulk: await runWorkload(shell, BULK), small: await runWorkload(shell, SMALL) };
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
