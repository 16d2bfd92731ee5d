import { DmOptionError } from "./error.ts";
import { getoptLong } from "./getopt.ts";
import { dmOptions, type OptionSpec } from "./options.ts";

/**
 * The options a command line names, by their long names (by the short one where there is no other), with their last arguments.
 * One that cannot be read has those in front of its mistake, which the parser will tell.
 */
export function givenOptions(argv: readonly string[], own: readonly OptionSpec[]): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  try {
    for (const item of getoptLong<OptionSpec>(argv, [...dmOptions, ...own])) {
      if (item.kind === "option") given.set(nameOf(item.spec), item.argument);
    }
  } catch (error) {
    if (!(error instanceof DmOptionError)) throw error;
  }
  return given;
}

/** What an option is called where it is told apart from others. */
export const nameOf = ({ long, short }: OptionSpec): string => long ?? short ?? "";
