import { DmOptionError, didYouMean } from "./error.ts";
import { formerAdvice } from "./former-options.ts";
import type { OptionSpec } from "./options.ts";

/** One item of a command line, in the order written. */
export type Item<S extends OptionSpec> =
  | { readonly kind: "option"; readonly spec: S; readonly argument: string }
  | { readonly kind: "operand"; readonly value: string };

const SEE_HELP = "--help lists the options.";

/**
 * GNU getopt_long(3): clusters of short options, `-m256m`, `--memsize=256m`, `--memsize 256m`, unambiguous prefixes of
 * long names, operands anywhere, `--` ends the options. `argument` is "" where the option takes none.
 * Throws DmOptionError with getopt's words; acrn-dm then shows its usage and exits with 1.
 */
export function* getoptLong<S extends OptionSpec>(
  argv: readonly string[],
  specs: readonly S[],
): Generator<Item<S>, void, void> {
  let at = 0;
  const next = (spec: S, complaint: string): string => {
    if (at < argv.length) return argv[at++];
    throw new DmOptionError(1, complaint, `Expected: ${synopsis(spec)}.`);
  };
  while (at < argv.length) {
    const word = argv[at++];
    if (word === "--") break;
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const spec = findLong(name, specs);
      if (spec.argument === undefined && equals >= 0) {
        const said = `option '--${spec.long}' doesn't allow an argument`;
        throw new DmOptionError(1, said, `Given: ${word}. Expected: --${spec.long} alone.`);
      }
      let argument = "";
      if (equals >= 0) argument = word.slice(equals + 1);
      else if (spec.argument !== undefined) argument = next(spec, `option '--${spec.long}' requires an argument`);
      yield { kind: "option", spec, argument };
    } else if (word.startsWith("-") && word !== "-") {
      for (let i = 1; i < word.length; i++) {
        const letter = word[i];
        const spec = specs.find((candidate) => candidate.short === letter);
        if (spec === undefined) {
          throw new DmOptionError(
            1,
            `invalid option -- '${letter}'`,
            `Given: ${word}. ${formerAdvice(letter) ?? SEE_HELP}`,
          );
        }
        if (spec.argument === undefined) {
          yield { kind: "option", spec, argument: "" };
          continue;
        }
        const attached = word.slice(i + 1);
        const argument = attached === "" ? next(spec, `option requires an argument -- '${letter}'`) : attached;
        yield { kind: "option", spec, argument };
        break;
      }
    } else {
      yield { kind: "operand", value: word };
    }
  }
  for (; at < argv.length; at++) yield { kind: "operand", value: argv[at] };
}

function findLong<S extends OptionSpec>(name: string, specs: readonly S[]): S {
  const exact = specs.find((spec) => spec.long === name);
  if (exact !== undefined) return exact;
  const candidates = name === "" ? [] : specs.filter((spec) => spec.long?.startsWith(name));
  if (candidates.length === 1) return candidates[0];
  if (candidates.length > 1) {
    const names = candidates.map((spec) => `'--${spec.long}'`).join(" ");
    const said = `option '--${name}' is ambiguous; possibilities: ${names}`;
    throw new DmOptionError(1, said, "Write more letters of the one you mean.");
  }
  const known = specs.flatMap((spec) => spec.long ?? []);
  const advice = formerAdvice(name) ?? `${SEE_HELP}${didYouMean(name, known)}`;
  throw new DmOptionError(1, `unrecognized option '--${name}'`, advice);
}

/** `-m, --memsize size` */
export function synopsis(spec: OptionSpec): string {
  const names = [spec.short && `-${spec.short}`, spec.long && `--${spec.long}`].filter(Boolean).join(", ");
  return spec.argument === undefined ? names : `${names} ${spec.argument}`;
}
