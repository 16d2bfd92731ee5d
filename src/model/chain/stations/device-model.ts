import { defineStations } from "../station.ts";
import { coreStations } from "./device-model/core.ts";
import { pciStations } from "./device-model/pci.ts";
import { virtioStations } from "./device-model/virtio.ts";

/** The functions of acrn-dm that the model has, and those of the chain it only names. */
export const deviceModelStations = defineStations("device-model", "projectacrn/acrn-hypervisor", {
  ...coreStations,
  ...pciStations,
  ...virtioStations,
});
