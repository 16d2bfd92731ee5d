import type { StateTable } from "../inspect/saved-state.ts";
import { Arena } from "../util/arena.ts";
import { SchedEvent } from "./event.ts";
import { Hypervisor } from "./hypervisor.ts";
import { IoRequest } from "./io-request.ts";
import { AcrnVcpu } from "./vcpu.ts";
import { Vioapic } from "./vioapic.ts";
import { Vlapic } from "./vlapic-state.ts";
import { AcrnVm } from "./vm.ts";

/** What the hypervisor saves. */
export const hypervisorState: StateTable = {
  classes: [Hypervisor, AcrnVm, AcrnVcpu, SchedEvent, Vlapic, Vioapic, IoRequest, Arena],
};
