import { renameSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { MachineThread } from "../owner/machine-thread.ts";
import { describeEnd } from "./guest-end.ts";
import { machineSpec } from "./machine-spec.ts";
import { parseOptions } from "./options.ts";

/** What is told while one waits. */
const TOLD = {
  loading: "kernel and initramfs are read",
  booting: "the kernel starts",
  running: undefined,
  ready: "user space is up and sends the names of functions",
} as const;

const say = (line: string): void => void process.stderr.write(`  ${line}\n`);

/**
 * Part of making the guest image: boots it once and records its symbols, modules included, so that later runs can name
 * the guest's functions from their first instruction on. Argument: the file to write.
 */
async function record(path: string): Promise<void> {
  const options = parseOptions("run", []);
  if (typeof options === "string") throw new Error(`unexpected ${options}`);
  let known: () => void = () => {};
  const symbolsKnown = new Promise<void>((resolve) => {
    known = resolve;
  });
  const machine = new MachineThread(
    { ...machineSpec(options), symbols: undefined },
    {
      log: () => {},
      onConsole: () => {},
      onProgress: (step) => TOLD[step] && say(TOLD[step]),
      onSymbols: (count) => {
        say(`${count} symbols`);
        known();
      },
    },
  );
  try {
    const end = await Promise.race([symbolsKnown, machine.ended]);
    if (end !== undefined) throw new Error(`the guest image does not boot: ${describeEnd(end).text}`);
    const symbols = await machine.request("symbols", undefined);
    if (symbols === undefined) throw new Error("the guest has sent no symbols");
    writeFileSync(`${path}.new`, gzipSync(symbols));
    renameSync(`${path}.new`, path);
  } finally {
    await machine.shutdown();
  }
}

record(process.argv[2]).then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
