import { basename } from "node:path/posix";
import { type Corpus, type Found, longest } from "./corpus.ts";
import type { Location, StationRef } from "./types.ts";

export interface Match {
  readonly found: Found;
  /** Other definitions of the same station: under other conditions, or in the model another part of it. */
  readonly others: readonly Found[];
  readonly how: Location["match"];
}

/** What compilers add to the names of functions they split or specialise, as the guest's symbols have them. */
const COMPILER_SUFFIX = /\.(isra|part|constprop|cold|llvm)\b.*$/;

export const nameOf = (station: StationRef): string => station.id.replace(COMPILER_SUFFIX, "");

/** The names a station may have, its own first. */
export const namesOf = (station: StationRef): string[] => [nameOf(station), ...(station.aliases ?? [])];

/**
 * Finds a station's definition: in the file the registry says, under its name or an alias; else anywhere else under
 * its name; else anywhere under an alias. Of several, a body that is not a stub.
 */
export function matchStation(corpus: Corpus, station: StationRef): Match | undefined {
  const [name, ...aliases] = namesOf(station);
  const here = (wanted: string) => longest(corpus.named(wanted).filter(({ file }) => file.path === station.file));
  const own = here(name);
  if (own !== undefined) return matchOf(corpus, own, "file");
  for (const alias of aliases) {
    const found = here(alias);
    if (found !== undefined) return matchOf(corpus, found, "alias");
  }
  for (const wanted of [name, ...aliases]) {
    const found = elsewhere(corpus.named(wanted), station);
    if (found !== undefined) return matchOf(corpus, found, station.file === "" ? "file" : "moved");
  }
  return undefined;
}

/** With the same function's other definitions in that file: which one is compiled the configuration decides. */
function matchOf(corpus: Corpus, found: Found, how: Match["how"]): Match {
  const others = corpus.named(found.def.name).filter(({ file, def }) => file === found.file && def !== found.def);
  return { found, others, how };
}

/** A function that is not static first, then one in a file of the same name, then the longest. */
function elsewhere(candidates: readonly Found[], station: StationRef): Found | undefined {
  const rank = ({ file, def }: Found) =>
    (def.isStatic ? 0 : 2) + (basename(file.path) === basename(station.file) ? 1 : 0);
  const allowed = candidates.filter(({ file }) => mayHold(file.path, station));
  const best = Math.max(...allowed.map(rank));
  return longest(allowed.filter((found) => rank(found) === best));
}

/** In acrn-hypervisor a hypervisor function does not move to the device model, which has some of the same names. */
function mayHold(path: string, station: StationRef): boolean {
  if (station.layer !== "hypervisor" && station.layer !== "device-model") return true;
  return path.split("/", 1)[0] === station.file.split("/", 1)[0];
}

/** What a person should know of a match. */
export function noteOf({ found: { file, def }, others, how }: Match, station: StationRef): string | undefined {
  const notes: string[] = [];
  if (how === "moved") notes.push(`${station.id} is in ${file.path} here, not in ${station.file}`);
  if (def.name !== nameOf(station)) notes.push(`${station.id} is called ${def.name} here`);
  if (others.length > 0) {
    const lines = others.map(({ def: other }) => `${other.line} (${other.conditions?.join(", ") ?? "unconditional"})`);
    notes.push(`also defined at line ${lines.join(", ")}`);
  }
  return notes.length === 0 ? undefined : notes.join("; ");
}
