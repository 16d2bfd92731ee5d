import type { StationReference } from "../../debug-adapter/protocol-stations.ts";
import { definitionsInText } from "../../shared/c-definitions.ts";
import { TextLayout } from "../../shared/text-layout.ts";

/** A station's definition in a C file. */
export interface FoundFunction {
  readonly station: StationReference;
  /** As the file spells it: an alias, in other versions. */
  readonly name: string;
  /** Line, from 0, and columns in UTF-16 units of the name. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** Characters of a file that are looked at. */
const MAX_TEXT = 2_000_000;

/** Files of acrn-hypervisor and of Linux hold functions of these layers. */
const SIDES: readonly { readonly folder: RegExp; readonly layers: readonly StationReference["layer"][] }[] = [
  { folder: /(^|\/)hypervisor\/.+\.[ch]$/, layers: ["hypervisor"] },
  { folder: /(^|\/)devicemodel\/.+\.[ch]$/, layers: ["device-model"] },
];

const endsAs = (path: string, file: string): boolean => path === file || path.endsWith(`/${file}`);

/**
 * The stations that the file at `path` (with forward slashes) may define. In ACRN's two folders all of that layer:
 * functions have moved from file to file between versions. In Linux those whose file it is.
 */
export function stationsOf(path: string, stations: readonly StationReference[]): StationReference[] {
  const side = SIDES.find(({ folder }) => folder.test(path));
  if (side !== undefined) return stations.filter(({ layer }) => side.layers.includes(layer));
  return stations.filter(({ file }) => endsAs(path, file));
}

/**
 * The definitions of stations in a C file, in its order. `candidates`: those of {@link stationsOf}. Where a station is
 * under its own name, its alias is a function of its own: newer versions have given some of the old names to others.
 */
export function findFunctions(text: string, path: string, candidates: readonly StationReference[]): FoundFunction[] {
  if (candidates.length === 0 || text.length > MAX_TEXT) return [];
  const byName = namesOf(candidates, path);
  const layout = new TextLayout(text);
  const found: FoundFunction[] = [];
  for (const { name, index } of definitionsInText(layout, (name) => byName.has(name))) {
    const station = byName.get(name);
    if (station === undefined) continue;
    const start = layout.columnAt(index) - 1;
    found.push({ station, name, line: layout.lineAt(index) - 1, start, end: start + name.length });
  }
  return found.filter(({ station, name }) => name === station.id || !found.some((it) => it.name === station.id));
}

/** The station that a word of a C file names; an alias only where the file does not know the station's own name. */
export function stationNamed(
  name: string,
  text: string,
  candidates: readonly StationReference[],
): StationReference | undefined {
  const isUsed = (id: string): boolean => new RegExp(`\\b${id}\\b`).test(text);
  return (
    candidates.find(({ id }) => id === name) ??
    candidates.find(({ id, aliases }) => aliases?.includes(name) === true && !isUsed(id))
  );
}

/** Its own name wins over another's alias, and the station whose file this is over one that may have moved here. */
function namesOf(candidates: readonly StationReference[], path: string): Map<string, StationReference> {
  const byName = new Map<string, StationReference>();
  const here = candidates.filter(({ file }) => endsAs(path, file));
  for (const station of [...here, ...candidates]) if (!byName.has(station.id)) byName.set(station.id, station);
  for (const station of here) {
    for (const alias of station.aliases ?? []) if (!byName.has(alias)) byName.set(alias, station);
  }
  return byName;
}
