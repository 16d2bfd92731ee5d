import { chainState } from "../chain/state.ts";
import type { DebugLayer } from "../debug/target.ts";
import type { DeviceModel } from "../device-model/device-model.ts";
import type { DeviceClass } from "../device-model/hw/pci/device-class.ts";
import { deviceModelView } from "../device-model/inspect.ts";
import { deviceModelState } from "../device-model/state.ts";
import type { Hypervisor } from "../hypervisor/hypervisor.ts";
import { hypervisorView } from "../hypervisor/inspect.ts";
import { hypervisorState } from "../hypervisor/state.ts";
import { type StateTable, StateTables } from "../inspect/saved-state.ts";
import { serviceVmView } from "../service-vm/inspect.ts";
import type { ServiceVm } from "../service-vm/service-vm.ts";
import { serviceVmState } from "../service-vm/state.ts";
import { stationsOf } from "../stations.ts";
import { Board } from "./board.ts";
import { ExitDoor } from "./exits.ts";

/** What a board with devices of these classes needs to be saved; `more`: the engine's, and what is saved with them. */
export const stateTables = (classes: readonly DeviceClass[], more: readonly StateTable[] = []): StateTables =>
  new StateTables([
    { classes: [Board, ExitDoor] },
    chainState(stationsOf(classes).all),
    hypervisorState,
    serviceVmState,
    deviceModelState,
    ...classes.flatMap(({ state }) => state ?? []),
    ...more,
  ]);

/** How the layers of a machine show themselves to a debugger, in the order in which they are asked. */
export const debugLayers = (
  hypervisor: Hypervisor,
  serviceVm: ServiceVm,
  deviceModel: () => DeviceModel | undefined,
): readonly DebugLayer[] => [hypervisorView(hypervisor), serviceVmView(serviceVm), deviceModelView(deviceModel)];
