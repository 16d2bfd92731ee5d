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
    {
      long: "input",
      about:
        "the other direction: a character that arrives at the console's backend, to the end of the guest's interrupt",
    },
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

/** The last queue a device may have. */
const MAX_QUEUE = mostQueues(builtInDeviceClasses) - 1;

type Own = readonly OwnOption[];

const guest = (own: Own) => ({
  initrd: last(own, "initrd"),
  append: last(own, "append"),
  overlay: last(own, "overlay"),
  log: integer("log", last(own, "log"), 1, 5) ?? 2,
});
const mode = (own: Own): Mode => choice("mode", last(own, "mode"), ["A", "B"]) ?? "A";
const format = (own: Own): Format => choice("format", last(own, "format"), ["table", "json"]) ?? "table";

/** What each command's own options say; undefined where one is not given. */
const decoders = {
  run: (own) => ({ ...guest(own), mode: mode(own), dap: integer("dap", last(own, "dap"), 0, 65535) }),
  trace: (own) => ({
    ...guest(own),
    queue: integer("queue", last(own, "queue"), 0, MAX_QUEUE),
    slot: integer("slot", last(own, "slot"), 0, 31),
    kicks: integer("kicks", last(own, "kicks"), 1, 1000) ?? 1,
    /** Input is followed instead of kicks. */
    input: last(own, "input") !== undefined,
    mode: mode(own),
    format: format(own),
  }),
  demo: guest,
  dap: (own) => ({ port: integer("port", last(own, "port"), 0, 65535) }),
  console: (own) => ({
    socket: last(own, "socket"),
    pty: last(own, "pty"),
    filter: last(own, "filter") !== undefined,
  }),
  stations: (own) => ({ format: format(own) }),
  check: (own) => ({ boot: last(own, "no-boot") === undefined }),
  image: (own) => ({ packages: last(own, "packages"), out: last(own, "out"), overlay: last(own, "overlay") }),
} satisfies { readonly [C in Command]: (own: Own) => object };

/** What acrn-dm's options say. */
interface DmOptions {
  readonly config: DmConfig;
  readonly warnings: readonly string[];
}

export type OptionsOf<C extends Command> = DmOptions & Readonly<ReturnType<(typeof decoders)[C]>>;
/** Of every command that boots a guest. */
export type GuestOptions = OptionsOf<"demo">;

/** Parses the options of `command`; "help" or "version" when that was asked. Throws CliError for what is refused. */
export function parseOptions<C extends Command>(
  command: C,
  args: readonly string[],
): OptionsOf<C> | "help" | "version" {
  try {
    const context = { own: commandOptions[command], engine: v86Limits };
    let parsed = parseCommandLine(args, context);
    if (parsed.kind !== "run") return parsed.kind;
    if (parsed.config.slots.length === 0) {
      const withDefaults = parseCommandLine([...DEFAULT_SLOTS, ...args], context);
      if (withDefaults.kind === "run") parsed = withDefaults;
    }
    const { config, warnings, own } = parsed;
    const slots = mode(own) === "B" ? withIothreads(config.slots, builtInDeviceClasses) : config.slots;
    const said = decoders[command](own) as ReturnType<(typeof decoders)[C]>;
    return { config: { ...config, slots }, warnings, ...said };
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
