import { resolve } from "node:path";
import { dmOptions, type OptionSpec } from "../model/device-model/command-line/options.ts";
import type { MachineSpec } from "../model/protocol/machine.ts";
import { RequestError } from "./request-error.ts";

/** Reads acrn-dm's options and the program's own; given by whoever starts the server. */
export interface MachineMaker {
  /** The options a command line names, by their long names, with their last arguments, as far as it can be read. */
  given(args: readonly string[]): ReadonlyMap<string, string>;
  make(args: readonly string[]): MadeMachine | MachineRefusal;
}

export interface MadeMachine {
  readonly spec: MachineSpec;
  /** What acrn-dm would warn of. */
  readonly warnings: readonly string[];
}

/** Why options make no machine. */
export interface MachineRefusal {
  /** options: they are wrong by themselves. machine: what they name, or what there is without them, cannot be had. */
  readonly refused: "options" | "machine";
  readonly message: string;
  /** The option it is about, by its long name; undefined where there is no single one. */
  readonly option: string | undefined;
}

/** What a launch says that has an option of its own, apart from `dmArgs`. */
export interface OwnAttributes {
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly overlay: string | undefined;
  readonly append: string | undefined;
  readonly memory: string | undefined;
  /** What the client's settings say. */
  readonly defaults: { readonly [K in Setting]?: string | undefined };
}

/** Attributes that a client's settings may say, too, with the options that say the same. The first is the one that is used. */
const SAME_OPTIONS = { kernel: ["kernel"], initrd: ["initrd", "ramdisk"], memory: ["memsize"] } as const;

export type Setting = keyof typeof SAME_OPTIONS;

/** A command line for the machine, and what it is made of. */
export interface LaunchOptions {
  readonly args: readonly string[];
  /** Settings that are part of it: neither an attribute nor `dmArgs` says something else. */
  readonly used: readonly Setting[];
  /** Whether a refusal is of something in `dmArgs`. */
  readonly isOfDmArgs: (refusal: MachineRefusal) => boolean;
}

/** Throws RequestError for an attribute and an option that say the same. */
export function launchOptions(
  given: OwnAttributes,
  dmArgs: readonly string[],
  maker: Pick<MachineMaker, "given">,
): LaunchOptions {
  const inDmArgs = maker.given(dmArgs);
  const says = (setting: Setting): boolean =>
    given[setting] !== undefined || SAME_OPTIONS[setting].some((name) => inDmArgs.has(name));
  for (const setting of Object.keys(SAME_OPTIONS) as Setting[]) refuseBoth(setting, given[setting], inDmArgs);
  // A kernel and its initial RAM disk belong together.
  const hasImage = says("kernel") || says("initrd");
  const used = (Object.keys(SAME_OPTIONS) as Setting[]).filter(
    (setting) => given.defaults[setting] !== undefined && !(setting === "memory" ? says(setting) : hasImage),
  );
  const value = (setting: Setting): string | undefined =>
    used.includes(setting) ? given.defaults[setting] : given[setting];
  const own: readonly (readonly [option: string, value: string | undefined])[] = [
    [SAME_OPTIONS.memory[0], value("memory")],
    [SAME_OPTIONS.kernel[0], path(value("kernel"))],
    [SAME_OPTIONS.initrd[0], path(value("initrd"))],
    ["overlay", path(given.overlay)],
    ["append", given.append === "" ? undefined : given.append],
  ];
  const ours = own.flatMap(([name, text]) => (text === undefined ? [] : [name]));
  return {
    args: [...own.flatMap(([name, text]) => (text === undefined ? [] : [`--${name}=${text}`])), ...dmArgs],
    used,
    isOfDmArgs: ({ refused, option }) =>
      dmArgs.length > 0 &&
      (option === undefined ? refused === "options" : inDmArgs.has(option) || !ours.includes(option)),
  };
}

/** An attribute and the option of acrn-dm for the same thing contradict each other, also when they agree. */
function refuseBoth(attribute: Setting, value: string | undefined, inDmArgs: ReadonlyMap<string, string>): void {
  if (value === undefined) return;
  for (const long of SAME_OPTIONS[attribute]) {
    const argument = inDmArgs.get(long);
    if (argument === undefined) continue;
    const short = (dmOptions as readonly OptionSpec[]).find((option) => option.long === long)?.short;
    const option = short === undefined ? `--${long}` : `-${short}`;
    throw new RequestError(
      `${attribute} ${JSON.stringify(value)} contradicts ${option} ${argument} in dmArgs; leave one of them out`,
      { showUser: true },
    );
  }
}

const path = (given: string | undefined): string | undefined => (given === undefined ? undefined : resolve(given));
