import { contextKinds } from "../context-kinds.ts";
import type { Layer } from "../station.ts";
import type { StationRegistry } from "../station-registry.ts";

/** What is known of a station, as plain data for programs that do not hold the model: dist/stations.json is a list of these. */
export interface StationReference {
  /** The C function's name. */
  readonly id: string;
  readonly layer: Layer;
  readonly repository: string;
  /** Path inside `repository`. */
  readonly file: string;
  readonly about: string;
  /** Other names it has, or had, in other versions of the sources. */
  readonly aliases?: readonly string[];
  /** Contexts it runs in, by their names on a real machine: "vm<id>:vcpu<n>". */
  readonly contexts: readonly string[];
  /** Stations of other contexts that go on because of it, and those because of which it goes on. */
  readonly handsOverTo?: readonly StationLink[];
  readonly wokenBy?: readonly StationLink[];
}

export interface StationLink {
  readonly station: string;
  readonly how: string;
}

export function stationReference({ all, handOvers }: StationRegistry): StationReference[] {
  return all.map(({ id, layer, repository, file, about, aliases, contexts }) => {
    const to = handOvers.filter(({ from }) => from === id).map((it) => ({ station: it.to, how: it.how }));
    const by = handOvers.filter((it) => it.to === id).map(({ from, how }) => ({ station: from, how }));
    return {
      ...{ id, layer, repository, file, about },
      ...(aliases === undefined ? {} : { aliases }),
      contexts: [...new Set(contexts.map((kind) => contextKinds[kind].name))],
      ...(to.length === 0 ? {} : { handsOverTo: to }),
      ...(by.length === 0 ? {} : { wokenBy: by }),
    };
  });
}
