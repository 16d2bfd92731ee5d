import { DmOptionError } from "../model/device-model/command-line/error.ts";
import type { OptionSpec } from "../model/device-model/command-line/options.ts";
import { type OwnOption, parseCommandLine } from "../model/device-model/command-line/parse.ts";
import type { DmConfig } from "../model/device-model/config.ts";
import { mostQueues, withIothreads } from "../model/device-model/hw/pci/configured.ts";
import { builtInDeviceClasses } from "../model/device-model/hw/pci/devices.ts";
import { v86Limits } from "../model/guest/v86/limits.ts";
import { DEFAULT_SLOTS } from "./default-slots.ts";
import { UsageError } from "./exit.ts";

export type Format = "table" | "json";
export type Mode = "A" | "B";

const GUEST: readonly OptionSpec[] = [
  {
    long: "initrd",
    argument: "file",
    about: "guest initrd, as -r (default: the built guest image's; /dev/null: none)",
  },
  { long: "append", argument: "text", about: "added to the kernel's command line" },
  { long: "overlay", argument: "folder", about: "files put over the initrd: modules, scripts" },
  { long: "log", argument: "1-5", about: "messages shown: 1 error, 2 warning, 3 notice, 4 info, 5 debug; default 2" },
];
const FORMAT: OptionSpec = {
  long: "format",
  argument: "table|json",
  about: "how the result is printed; default table",
};
const MODE: OptionSpec = {
  long: "mode",
  argument: "A|B",
  about:
    "A: default client, what acrn-dm does (default); B: ioeventfd and iothread for every device that can (extension)",
};

const PORT: OptionSpec = {
  long: "port",
  argument: "port",
  about: "serve clients at this port of the loopback interface instead of stdin and stdout; 0 chooses one",
};

/** The program's own options by command; the rest of a command line is acrn-dm's. */
export const commandOptions = {
  run: [
    ...GUEST,
    MODE,
    {
      long: "dap",
      argument: "port",
      about: "debuggers may attach at this port of the loopback interface; 0 chooses one",
    },
  ],
  trace: [
    {
      long: "queue",
      argument: "n",
      about: "only kicks of this queue; default the one that carries most, as 1 of a console",
    },
    { long: "slot", argument: "n", about: "of the device in this slot; default the first one that can be traced" },
    { long: "kicks", argument: "n", about: "how many kicks; default 1" },
    MODE,
    FORMAT,
    ...GUEST,
  ],
  demo: GUEST,
  dap: [PORT],
  console: [
    { long: "socket", argument: "path", about: "a Unix socket: of a socket backend, or of the debug adapter" },
    { long: "pty", argument: "path", about: "the pseudo-terminal of a pty backend" },
    { long: "filter", about: "take titles, links and other strings to the terminal out of the guest's output" },
  ],
  stations: [FORMAT],
  check: [{ long: "no-boot", about: "do not boot a guest" }],
  image: [
    {
      long: "packages",
      argument: "folder",
      about: "where packages of a 32-bit kernel and busybox-static are unpacked",
    },
    { long: "out", argument: "folder", about: "where the image is put" },
    { long: "overlay", argument: "folder", about: "files put over the image's" },
  ],
} satisfies { readonly [command: string]: readonly OptionSpec[] };

export type Command = keyof typeof commandOptions;

/** Decoded options; undefined where not given. */
export interface CliOptions {
  readonly config: DmConfig;
  readonly warnings: readonly string[];
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly overlay: string | undefined;
  readonly log: number;
  readonly queue: number | undefined;
  readonly slot: number | undefined;
  readonly kicks: number;
  readonly mode: Mode;
  readonly format: Format;
  /** Ports for debuggers: of `dap --port` and `run --dap`. */
  readonly port: number | undefined;
  readonly dap: number | undefined;
  readonly socket: string | undefined;
  readonly pty: string | undefined;
  /** Output is made safe for the terminal. */
  readonly filter: boolean;
  /** Folders of `image`. */
  readonly packages: string | undefined;
  readonly out: string | undefined;
  /** `check` boots a guest. */
  readonly boot: boolean;
}

/** The last queue a device may have. */
const MAX_QUEUE = mostQueues(builtInDeviceClasses) - 1;

/** Parses the options of `command`; "help" or "version" when that was asked. Throws CliError for what is refused. */
export function parseOptions(command: Command, args: readonly string[]): CliOptions | "help" | "version" {
  try {
    const context = { own: commandOptions[command], engine: v86Limits };
    let parsed = parseCommandLine(args, context);
    if (parsed.kind !== "run") return parsed.kind;
    if (parsed.config.slots.length === 0) {
      const withDefaults = parseCommandLine([...DEFAULT_SLOTS, ...args], context);
      if (withDefaults.kind === "run") parsed = withDefaults;
    }
    const mode = choice("mode", last(parsed.own, "mode"), ["A", "B"]) ?? "A";
    return {
      config:
        mode === "B"
          ? { ...parsed.config, slots: withIothreads(parsed.config.slots, builtInDeviceClasses) }
          : parsed.config,
      warnings: parsed.warnings,
      initrd: last(parsed.own, "initrd"),
      append: last(parsed.own, "append"),
      overlay: last(parsed.own, "overlay"),
      log: integer("log", last(parsed.own, "log"), 1, 5) ?? 2,
      queue: integer("queue", last(parsed.own, "queue"), 0, MAX_QUEUE),
      slot: integer("slot", last(parsed.own, "slot"), 0, 31),
      kicks: integer("kicks", last(parsed.own, "kicks"), 1, 1000) ?? 1,
      mode,
      format: choice("format", last(parsed.own, "format"), ["table", "json"]) ?? "table",
      port: integer("port", last(parsed.own, "port"), 0, 65535),
      dap: integer("dap", last(parsed.own, "dap"), 0, 65535),
      socket: last(parsed.own, "socket"),
      pty: last(parsed.own, "pty"),
      filter: last(parsed.own, "filter") !== undefined,
      packages: last(parsed.own, "packages"),
      out: last(parsed.own, "out"),
      boot: last(parsed.own, "no-boot") === undefined,
    };
  } catch (error) {
    if (error instanceof DmOptionError) throw usage(error.message, error.option);
    throw error;
  }
}

function last(own: readonly OwnOption[], name: string): string | undefined {
  return own.findLast((option) => option.name === name)?.argument;
}

function integer(name: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw usage(`--${name} ${text}: expected a number from ${low} to ${high}`);
}

function choice<T extends string>(name: string, text: string | undefined, choices: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = choices.find((candidate) => candidate === text);
  if (found !== undefined) return found;
  throw usage(`--${name} ${text}: expected ${choices.join(" or ")}`);
}

export function usage(message: string, option?: string): UsageError {
  return new UsageError(message, option);
}
