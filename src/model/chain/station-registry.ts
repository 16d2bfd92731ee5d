import { declareState, wiring } from "../inspect/state.ts";
import type { Layer, Station } from "./station.ts";
import type { HandOver } from "./stations/hand-overs.ts";

/** A part of the chain: functions of one or several layers, and how its contexts make others go on. */
export interface StationTable {
  readonly stations: readonly Station[];
  readonly handOvers?: readonly HandOver[];
}

const LAYERS: readonly Layer[] = ["guest", "hypervisor", "service-vm", "device-model"];

/** The functions a machine's chain passes through: those of the layers and those of its devices. */
export class StationRegistry {
  static readonly state = declareState<StationRegistry>("chain.StationRegistry", {
    all: wiring,
    handOvers: wiring,
    "#byId": wiring,
  });
  /** Layer by layer from the guest down. */
  readonly all: readonly Station[];
  readonly handOvers: readonly HandOver[];
  readonly #byId: ReadonlyMap<string, Station>;

  /** Throws when two tables have a function of the same name. */
  constructor(tables: readonly StationTable[] = []) {
    const stations = tables.flatMap((table) => table.stations);
    this.all = LAYERS.flatMap((layer) => stations.filter((station) => station.layer === layer));
    this.handOvers = tables.flatMap((table) => table.handOvers ?? []);
    this.#byId = new Map(this.all.map((station) => [station.id, station]));
    if (this.#byId.size === this.all.length) return;
    const twice = this.all.find((station) => this.#byId.get(station.id) !== station)?.id;
    throw new Error(`two tables have a station ${twice}; give one of them another name`);
  }

  get(id: string): Station | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** A function of the guest, which may have others of the same name as functions of the layers below. */
  ofGuest(id: string): Station | undefined {
    const station = this.#byId.get(id);
    return station?.layer === "guest" ? station : undefined;
  }
}
