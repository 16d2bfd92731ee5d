import type { Station } from "../station.ts";
import { deviceModelStations } from "./device-model.ts";
import { guestStations } from "./guest.ts";
import { hypervisorStations } from "./hypervisor.ts";
import { serviceVmStations } from "./service-vm.ts";

/** Every station of the chain, layer by layer from the guest down. */
export function allStations(): Station[] {
  return [guestStations, hypervisorStations, serviceVmStations, deviceModelStations].flatMap((table) =>
    Object.values<Station>(table),
  );
}
