import { readFileSync } from "node:fs";
import { helpText, optionLines } from "../model/device-model/command-line/help.ts";
import { builtInDeviceClasses } from "../model/device-model/hw/pci/devices.ts";
import { clipped } from "../shared/clipped.ts";
import { messageOf } from "../shared/message-of.ts";
import { checkCommand } from "./check.ts";
import { consoleCommand } from "./console.ts";
import { dapCommand } from "./dap.ts";
import { demoCommand } from "./demo.ts";
import { CliError, ExitStatus, UsageError } from "./exit.ts";
import { imageCommand } from "./image.ts";
import { machineSpec } from "./machine-spec.ts";
import { type Command, commandOptions, type OptionsOf, parseOptions, usage } from "./options.ts";
import { runCommand } from "./run.ts";
import { stationsCommand } from "./stations.ts";
import { traceJson, traceKicks, traceTables } from "./trace.ts";

/** What a command is for, and what it does with its options; it answers the exit status. */
const COMMANDS: {
  readonly [C in Command]: {
    readonly about: string;
    readonly execute: (options: OptionsOf<C>) => Promise<number>;
  };
} = {
  run: {
    about: "boots the guest and connects this terminal to its console",
    execute: (options) => runCommand(machineSpec(options), options.log, options.dap),
  },
  trace: {
    about: "boots the guest and prints every hop of virtqueue kicks, from the guest kernel to the backend and back",
    async execute(options) {
      const spec = machineSpec(options);
      const kicks = await traceKicks(spec, options);
      return print(options.format === "json" ? traceJson(kicks) : traceTables(kicks, spec));
    },
  },
  stations: {
    about: "lists the functions of the chain: layer, repository, file, contexts",
    execute: ({ format }) => print(stationsCommand(format)),
  },
  demo: {
    about: "boots, runs a few commands in the guest, prints one kick, powers off",
    execute: (options) => demoCommand(machineSpec(options), options.log),
  },
  check: {
    about: "checks the installation, tells what is wrong and what to do",
    execute: (options) => checkCommand(options, print),
  },
  image: {
    about: "makes the files of a guest from unpacked packages of a Linux distribution",
    execute: (options) => print(imageCommand(options)),
  },
  dap: {
    about: "serves the Debug Adapter Protocol to a debugger: on stdin and stdout, or at a port",
    execute: ({ port }) => dapCommand(port),
  },
  console: {
    about: "shows the console of a guest that is being debugged in this terminal; the debug adapter starts it",
    execute: (options) => consoleCommand(options, options.filter),
  },
};

const commands = Object.keys(COMMANDS) as Command[];

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") return print(overview());
  if (name === "--version" || name === "-v") return print(version());
  const command = commands.find((candidate) => candidate === name);
  if (command === undefined) throw usage(`"${name}" is not a command; expected ${commands.join(", ")}`);
  return execute(command, rest);
}

function execute<C extends Command>(command: C, args: readonly string[]): Promise<number> {
  const options = parseOptions(command, args);
  if (options === "help") return print(commandHelp(command));
  if (options === "version") return print(version());
  for (const warning of options.warnings) process.stderr.write(`warning: ${warning}\n`);
  return COMMANDS[command].execute(options);
}

function print(text: string): Promise<number> {
  return new Promise((resolve) => {
    process.stdout.write(`${text}\n`, () => resolve(ExitStatus.OK));
  });
}

function overview(): string {
  const width = Math.max(...commands.map((command) => command.length)) + 2;
  const list = commands.map((command) => `  ${command.padEnd(width)}${COMMANDS[command].about}`).join("\n");
  return `Usage: acrn-virtio <command> [options]\n\nCommands:\n${list}\n\nacrn-virtio <command> --help tells the options of a command.`;
}

function commandHelp(command: Command): string {
  const own = `acrn-virtio ${command}: ${COMMANDS[command].about}\n\nOptions:\n${optionLines(commandOptions[command])}`;
  if (command !== "run" && command !== "trace" && command !== "demo") return own;
  const keys = command === "run" ? "\n\nKeys: Ctrl-A x leaves, Ctrl-A Ctrl-A sends Ctrl-A." : "";
  return `${own}${keys}\n\nAll of acrn-dm's options may follow. ${helpText(`acrn-virtio ${command}`, builtInDeviceClasses)}`;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return `acrn-virtio ${manifest.version}`;
}

/** Runs the program to its end. */
async function run(): Promise<number> {
  try {
    return await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof CliError)) {
      say(`internal error: ${messageOf(error)}`);
      return ExitStatus.INTERNAL;
    }
    if (error.message !== "") say(error.message);
    if (error instanceof UsageError) process.stderr.write("See acrn-virtio --help.\n");
    return error.status;
  }
}

function say(message: string): void {
  process.stderr.write(`acrn-virtio: ${clipped(message)}\n`);
}

let lost: NodeJS.ErrnoException | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that goes away early (`| head`) is no fault; who must end for it listens as well.
  if (error.code !== "EPIPE") lost ??= error;
});

run().then((status) => {
  if (lost !== undefined) say(`the output could not be written: ${lost.message}`);
  // Nothing is left that could keep the process, but a terminal's stdin may still be open.
  process.exit(lost === undefined ? status : ExitStatus.OUTPUT);
});
