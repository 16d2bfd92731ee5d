import type { StateTable } from "../inspect/saved-state.ts";
import { Chain } from "./chain.ts";
import { Cause, Context } from "./context.ts";
import { Recorder } from "./recorder.ts";
import { Scheduler, WaitQueue } from "./scheduler.ts";
import type { Station } from "./station.ts";
import { StationRegistry } from "./station-registry.ts";

/** What the chain saves; `stations` are those of the machine. */
export const chainState = (stations: readonly Station[]): StateTable => ({
  classes: [Chain, Context, Cause, Scheduler, WaitQueue, Recorder, StationRegistry],
  named: Object.fromEntries(stations.map((station) => [`station ${station.id}`, station])),
});
