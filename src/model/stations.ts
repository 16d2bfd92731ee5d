import { StationRegistry } from "./chain/station-registry.ts";
import { layerStations } from "./chain/stations/index.ts";
import { type StationReference, stationReference } from "./chain/stations/reference.ts";
import type { DeviceClass } from "./device-model/hw/pci/device-class.ts";
import { builtInDeviceClasses } from "./device-model/hw/pci/devices.ts";

/** The functions of the chain of a machine that may have these devices. */
export function stationsOf(classes: readonly DeviceClass[]): StationRegistry {
  return new StationRegistry([layerStations, ...classes.flatMap(({ stations }) => stations ?? [])]);
}

/** Those of the machine as it comes: what documentation, lists and the search in sources know. */
export const builtInStations = stationsOf(builtInDeviceClasses);

/** The same as plain data, for programs that do not hold the model. */
export const builtInReference = (): StationReference[] => stationReference(builtInStations);
