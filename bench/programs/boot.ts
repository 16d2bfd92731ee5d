import { MachineThread } from "../../src/owner/machine-thread.ts";
import { type Devices, spec } from "../guest.ts";

/** Boots the machine; its console is stdout, each step of its start a line on stderr. Runs until it is ended. */

const machine = new MachineThread(spec(process.argv[2] as Devices), {
  log: (_level, source, message) => process.stderr.write(`${source}: ${message}\n`),
  onConsole: (bytes) => void process.stdout.write(bytes),
  onProgress: (step) => void process.stderr.write(`step ${step}\n`),
});
void machine.ended.then((end) => {
  process.stderr.write(`ended ${JSON.stringify(end)}\n`);
  process.exitCode = 1;
});
