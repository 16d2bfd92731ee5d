import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import type { AcrnVm } from "./vm.ts";

/** Pins of the 8259 pair (`vpic_pincount`). */
export const VPIC_PINS = 16;

/**
 * hypervisor/dm/vpic.c. A line change is ignored until the guest has initialised the 8259 (`i8259->ready`). It never
 * does so through exits here: the 8259 the guest sees is the engine's own and delivers the engine's own devices.
 */
export const vpicSetIrqline = station(
  S.vpic_set_irqline,
  (vm: AcrnVm, pin: number, _op: number): void => {
    vm.hypervisor.log(5, "hypervisor", `vpic pin ${pin}: 8259 not initialised, ignored`);
  },
  (emit, _vm, pin, op) => emit(pin, op),
);
