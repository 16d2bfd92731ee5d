/** What dist/stations.json holds: every function of the chain, for clients that show sources. Types only. */
export type { StationLink, StationReference } from "../model/chain/stations/reference.ts";
