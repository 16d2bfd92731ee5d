import { didYouMean } from "../model/device-model/command-line/error.ts";
import { exampleSlot } from "../model/device-model/command-line/pci-slot.ts";
import { splitArguments } from "../model/device-model/command-line/split-arguments.ts";
import type { DmConfig } from "../model/device-model/config.ts";
import { withPty as slotsWithPty } from "../model/device-model/hw/pci/configured.ts";
import { builtInDeviceClasses } from "../model/device-model/hw/pci/devices.ts";
import type { MachineSpec } from "../model/protocol/machine.ts";
import { messageOf } from "../shared/message-of.ts";
import { arrayOf, boolean, either, integer, isRecord, object, oneOf, optional, recordOf, string } from "./check.ts";
import { type LaunchOptions, launchOptions, type MachineMaker } from "./launch-options.ts";
import type { AcrnLaunchArguments, ConsoleKind } from "./protocol.ts";
import { RequestError } from "./request-error.ts";

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

/** A launch whose attributes are checked, before anything is made of it. */
export interface LaunchPlan {
  readonly options: DebugOptions;
  readonly command: LaunchOptions;
  /** Attributes nobody knows. */
  readonly warnings: readonly string[];
}

/** Checks the attributes of a launch. Throws RequestError, with all that is contradictory named. */
export function planLaunch(args: unknown, maker: Pick<MachineMaker, "given">): LaunchPlan {
  const launch = object(launchAttributes)(args, "launch");
  const command = launchOptions(
    {
      kernel: launch.kernel,
      initrd: launch.initrd,
      overlay: launch.overlay,
      append: [launch.append, environment(launch.env)].filter(Boolean).join(" "),
      memory: typeof launch.memory === "number" ? `${launch.memory}m` : launch.memory,
      defaults: launch.defaults ?? {},
    },
    splitDmArgs(launch.dmArgs),
    maker,
  );
  return {
    options: debugOptions(launch),
    command,
    warnings: unknownAttributes(args, Object.keys(launchAttributes)),
  };
}

/** Throws RequestError where there can be no such machine. */
export function makeLaunch({ options, command, warnings }: LaunchPlan, maker: Pick<MachineMaker, "make">): Launch {
  const made = maker.make(command.args);
  if ("refused" in made) {
    const place = command.isOfDmArgs(made) ? "dmArgs: " : "";
    throw new RequestError(`${place}${made.message}`, { showUser: true });
  }
  const config = options.console === "pty" ? withPty(made.spec.config) : made.spec.config;
  return {
    options,
    spec: { ...made.spec, config, stopOnEntry: !options.noDebug },
    warnings: [...made.warnings, ...warnings],
  };
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
