import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { type PortAccess, registerInout, UNHANDLED } from "../../core/inout.ts";
import { prNotice } from "../../core/log.ts";
import { vmSuspend } from "../../core/vm-suspend.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { pciIrqUse } from "../../hw/pci/irq.ts";

/** The reset control register (devicemodel/arch/x86/pm.c). ACPI's registers are not modelled: the guest has no ACPI. */

const RESET_PORT = 0xcf9;
const SCI_INT = 9;
const FULL_RESET = 0x8;
const SYSTEM_RESET = 0x4;

export const resetHandler = station(
  stations.reset_handler,
  (ctx: Vmctx, access: PortAccess): number => {
    if (access.bytes !== 1) return UNHANDLED;
    if (access.in) {
      access.value = ctx.resetControl;
      return 0;
    }
    ctx.resetControl = access.value;
    if ((access.value & FULL_RESET) !== 0) {
      prNotice(ctx, "full reset");
      vmSuspend(ctx, "FULL_RESET");
      ctx.resetControl = 0;
    } else if ((access.value & SYSTEM_RESET) !== 0) {
      prNotice(ctx, "system reset");
      vmSuspend(ctx, "SYSTEM_RESET");
    }
    return 0;
  },
  (emit, _ctx, access) => emit(access.in ? 0 : 1, access.value),
);

/** The reset register, and the interrupt of ACPI (`sci_init`), which nothing raises here. */
export function pmInit(ctx: Vmctx): void {
  pciIrqUse(ctx, SCI_INT);
  registerInout(ctx, { name: "reset_reg", port: RESET_PORT, size: 1, handler: resetHandler, arg: ctx });
}
