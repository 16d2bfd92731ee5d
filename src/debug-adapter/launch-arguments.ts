import { resolve } from "node:path";
import { didYouMean } from "../model/device-model/command-line/error.ts";
import { getoptLong } from "../model/device-model/command-line/getopt.ts";
import { dmOptions, type OptionSpec } from "../model/device-model/command-line/options.ts";
import { exampleSlot } from "../model/device-model/command-line/pci-slot.ts";
import { splitArguments } from "../model/device-model/command-line/split-arguments.ts";
import type { DmConfig } from "../model/device-model/config.ts";
import { withPty as slotsWithPty } from "../model/device-model/hw/pci/configured.ts";
import { builtInDeviceClasses } from "../model/device-model/hw/pci/devices.ts";
import type { MachineSpec } from "../model/protocol/machine.ts";
import { arrayOf, boolean, either, integer, isRecord, object, oneOf, optional, recordOf, string } from "./check.ts";
import type { AcrnLaunchArguments, ConsoleKind } from "./protocol.ts";
import { messageOf, RequestError } from "./request-error.ts";

/** Makes a machine from acrn-dm's options and the program's own; given by whoever starts the server. */
export type SpecMaker = (args: readonly string[]) => {
  readonly spec: MachineSpec;
  readonly warnings: readonly string[];
};

/** What both ways to get a machine have in common. */
export interface DebugOptions {
  readonly noDebug: boolean;
  readonly stopOnEntry: boolean;
  readonly stopOnKick: true | "first" | number | undefined;
  readonly console: ConsoleKind;
  readonly consoleEvents: boolean;
  readonly sources: {
    readonly acrn: string | undefined;
    readonly linux: string | undefined;
    readonly prefer: "checkout" | "model" | undefined;
  };
  readonly workspace: readonly string[];
  readonly record: boolean;
}

export interface Launch {
  readonly options: DebugOptions;
  readonly spec: MachineSpec;
  /** For the user: what acrn-dm would warn of, and attributes nobody knows. */
  readonly warnings: readonly string[];
}

const debugAttributes = {
  noDebug: optional(boolean),
  stopOnEntry: optional(boolean),
  stopOnKick: optional(
    either(either(boolean, integer(0, 65535), ""), oneOf("first"), 'true, false, "first" or the number of a queue'),
  ),
  console: optional(oneOf("terminal", "pty", "none")),
  consoleEvents: optional(boolean),
  sources: optional(
    object({ acrn: optional(string), linux: optional(string), prefer: optional(oneOf("checkout", "model")) }),
  ),
  workspace: optional(arrayOf(string)),
  record: optional(boolean),
};

/** All that `launch` understands; the protocol's type says the same, and the extension's manifest what people may write. */
export const launchAttributes = {
  ...debugAttributes,
  dmArgs: optional(either(string, arrayOf(string), "a text or an array of texts")),
  kernel: optional(string),
  initrd: optional(string),
  overlay: optional(string),
  append: optional(string),
  memory: optional(either(string, integer(1, 1_000_000), 'a size as "256m" or a number of MiB')),
  defaults: optional(object({ kernel: optional(string), initrd: optional(string), memory: optional(string) })),
  env: optional(recordOf(string)),
} satisfies { readonly [K in keyof Required<AcrnLaunchArguments>]: unknown };

/** Written into every launch configuration by its client; no business of ours. */
const CLIENTS_OWN = [
  ...["type", "request", "name", "presentation", "preLaunchTask", "postDebugTask", "internalConsoleOptions", "restart"],
  ...[
    "debugServer",
    "serverReadyAction",
    "suppressMultipleSessionWarning",
    "windows",
    "linux",
    "osx",
    "trace",
    "cwd",
    "port",
  ],
];

/** Checks the attributes of a launch. Throws RequestError, with all that is contradictory named. */
export function launchOf(args: unknown, makeSpec: SpecMaker): Launch {
  const launch = object(launchAttributes)(args, "launch");
  const dmArgs = splitDmArgs(launch.dmArgs);
  const given = optionsOf(dmArgs);
  refuseBoth(given, [
    ["memory", launch.memory, "memsize"],
    ["kernel", launch.kernel, "kernel"],
    ["initrd", launch.initrd, "ramdisk"],
  ]);
  const append = [launch.append, environment(launch.env)].filter(Boolean).join(" ");
  const { defaults } = launch;
  const memory = typeof launch.memory === "number" ? `${launch.memory}m` : launch.memory;
  // A kernel and its initial RAM disk belong together.
  const hasImage = (launch.kernel ?? launch.initrd) !== undefined || IMAGE_OPTIONS.some((name) => given.has(name));
  const { kernel, initrd } = (hasImage ? launch : defaults) ?? {};
  const own = [
    ...option("--memsize", memory ?? (given.has("memsize") ? undefined : defaults?.memory)),
    ...option("--kernel", path(kernel)),
    ...option("--initrd", path(initrd)),
    ...option("--overlay", path(launch.overlay)),
    ...option("--append", append === "" ? undefined : append),
  ];
  const options = debugOptions(launch);
  let made: ReturnType<SpecMaker>;
  try {
    made = makeSpec([...own, ...dmArgs]);
  } catch (error) {
    const message = messageOf(error);
    // What is wrong without them, too, is not in dmArgs.
    const place = dmArgs.length > 0 && refusalOf(makeSpec, own) !== message ? "dmArgs: " : "";
    throw new RequestError(`${place}${message}`, { showUser: true });
  }
  const config = options.console === "pty" ? withPty(made.spec.config) : made.spec.config;
  return {
    options,
    spec: { ...made.spec, config, stopOnEntry: !options.noDebug },
    warnings: [...made.warnings, ...unknownAttributes(args, Object.keys(launchAttributes))],
  };
}

/** Why options alone make no machine. */
function refusalOf(makeSpec: SpecMaker, options: readonly string[]): string | undefined {
  try {
    makeSpec(options);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Checks the attributes of an attach. */
export function attachOf(args: unknown): { readonly options: DebugOptions; readonly warnings: readonly string[] } {
  const attach = object(debugAttributes)(args, "attach");
  if (attach.console === "pty") {
    throw new RequestError('attach: console "pty" is decided when the machine is made; use "terminal" or "none"');
  }
  if (isRecord(args)) {
    const late = Object.keys(launchAttributes).filter((name) => name in args && !(name in debugAttributes));
    if (late.length > 0) {
      throw new RequestError(`attach: ${late.join(", ")} can only be said when the machine is started; use launch`);
    }
  }
  return { options: debugOptions(attach), warnings: unknownAttributes(args, Object.keys(debugAttributes)) };
}

function debugOptions(
  given: { readonly [K in keyof typeof debugAttributes]: ReturnType<(typeof debugAttributes)[K]> },
) {
  const { stopOnKick, sources } = given;
  const noDebug = given.noDebug ?? false;
  return {
    noDebug,
    // "Run without debugging" is the same configuration with noDebug: it wins.
    stopOnEntry: !noDebug && given.stopOnEntry === true,
    stopOnKick: noDebug || stopOnKick === false ? undefined : stopOnKick,
    console: given.console ?? "terminal",
    consoleEvents: given.consoleEvents ?? false,
    sources: {
      // Where they are is found out later, relative to the workspace; empty texts are none.
      acrn: sources?.acrn || undefined,
      linux: sources?.linux || undefined,
      prefer: sources?.prefer,
    },
    workspace: given.workspace ?? [],
    record: given.record ?? false,
  } as const;
}

function splitDmArgs(given: string | readonly string[] | undefined): readonly string[] {
  try {
    return typeof given === "string" ? splitArguments(given) : (given ?? []);
  } catch (error) {
    throw new RequestError(`dmArgs: ${messageOf(error)}`, { showUser: true });
  }
}

type Pair = readonly [attribute: string, value: unknown, long: string];

/** Options that name a kernel or an initial RAM disk. */
const IMAGE_OPTIONS = ["kernel", "ramdisk", "initrd"];

/** The options a command line has, by their long names, with their last arguments. */
function optionsOf(dmArgs: readonly string[]): ReadonlyMap<string | undefined, string> {
  const given = new Map<string | undefined, string>();
  try {
    const own = ["mode", "initrd", "append", "overlay", "log"].map((long) => ({ long, argument: "x", about: "" }));
    for (const item of getoptLong<OptionSpec>(dmArgs, [...dmOptions, ...own])) {
      if (item.kind === "option") given.set(item.spec.long, item.argument);
    }
  } catch {
    // The parser proper will say what is wrong.
  }
  return given;
}

/** An attribute and the option of acrn-dm for the same thing contradict each other, also when they agree. */
function refuseBoth(given: ReadonlyMap<string | undefined, string>, pairs: readonly Pair[]): void {
  const options: readonly OptionSpec[] = dmOptions;
  for (const [attribute, value, long] of pairs) {
    const argument = given.get(long);
    if (value === undefined || argument === undefined) continue;
    const short = options.find((option) => option.long === long)?.short;
    throw new RequestError(
      `${attribute} ${JSON.stringify(value)} contradicts -${short} ${argument} in dmArgs; leave one of them out`,
      { showUser: true },
    );
  }
}

/** Parameters the kernel does not know and that hold no dot become the environment of init (init/main.c). */
function environment(env: { readonly [name: string]: string } | undefined): string {
  const entries = Object.entries(env ?? {});
  // MAX_INIT_ENVS is 32 and includes HOME and TERM.
  if (entries.length > 28) throw new RequestError(`env: at most 28 variables, given ${entries.length}`);
  return entries.map(([name, value]) => variable(name, value)).join(" ");
}

function variable(name: string, value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new RequestError(`env: ${JSON.stringify(name)} is no name of a variable: letters, digits and _ only`);
  }
  if (/["\n\r\0]/.test(value)) {
    throw new RequestError(`env.${name}: the kernel's command line cannot carry quotes or line ends`);
  }
  return /\s/.test(value) ? `"${name}=${value}"` : `${name}=${value}`;
}

function withPty(config: DmConfig): DmConfig {
  if (process.platform === "win32") {
    throw new RequestError('console "pty" needs Linux or macOS; use "terminal"', { showUser: true });
  }
  const slots = slotsWithPty(config.slots, builtInDeviceClasses);
  if (slots !== undefined) return { ...config, slots };
  const example = exampleSlot(builtInDeviceClasses);
  throw new RequestError(
    `console "pty", but dmArgs names no device with a stdio backend; leave console out or add ${example}`,
    { showUser: true },
  );
}

function unknownAttributes(args: unknown, known: readonly string[]): string[] {
  if (!isRecord(args)) return [];
  return Object.keys(args)
    .filter((name) => !known.includes(name) && !CLIENTS_OWN.includes(name) && !name.startsWith("_"))
    .map((name) => `"${name}" is no attribute of a configuration of type acrn.${didYouMean(name, known)}`);
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}

function path(given: string | undefined): string | undefined {
  return given === undefined ? undefined : resolve(given);
}
