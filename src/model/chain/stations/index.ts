import type { Station } from "../station.ts";
import type { StationTable } from "../station-registry.ts";
import { deviceModelStations } from "./device-model.ts";
import { guestStations } from "./guest.ts";
import { handOvers } from "./hand-overs.ts";
import { hypervisorStations } from "./hypervisor.ts";
import { serviceVmStations } from "./service-vm.ts";

/** The chain without any device. */
export const layerStations: StationTable = {
  stations: [guestStations, hypervisorStations, serviceVmStations, deviceModelStations].flatMap((table) =>
    Object.values<Station>(table),
  ),
  handOvers,
};
