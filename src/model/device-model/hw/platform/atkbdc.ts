import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { type PortAccess, registerInout, UNHANDLED } from "../../core/inout.ts";
import { vmSuspend } from "../../core/vm-suspend.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { pciIrqReserve } from "../pci/irq.ts";

/**
 * Of the keyboard controller (devicemodel/hw/platform/atkbdc.c) only the command that resets the machine: a guest on
 * consoles needs no keyboard.
 */

const KBDC_STS_CTL_PORT = 0x64;
const KBD_DEV_IRQ = 1;
const AUX_DEV_IRQ = 12;
/** Pulse the "cold reset" line. */
const KBDC_RESET = 0xfe;
/**
 * Bit 0, output buffer full, is always set: a driver that empties the buffer gives up and finds no controller. Bit 1,
 * input buffer full, never: a kernel that wants the reset command does not wait.
 */
const STATUS = 0xfd;

export const atkbdcStsCtlHandler = station(
  stations.atkbdc_sts_ctl_handler,
  (ctx: Vmctx, access: PortAccess): number => {
    if (access.bytes !== 1) return UNHANDLED;
    if (access.in) access.value = STATUS;
    else if (access.value === KBDC_RESET) vmSuspend(ctx, "FULL_RESET");
    return 0;
  },
  (emit, _ctx, access) => emit(access.in ? 0 : 1, access.value),
);

export function atkbdcInit(ctx: Vmctx): void {
  pciIrqReserve(ctx, KBD_DEV_IRQ);
  pciIrqReserve(ctx, AUX_DEV_IRQ);
  registerInout(ctx, { name: "atkbdc", port: KBDC_STS_CTL_PORT, size: 1, handler: atkbdcStsCtlHandler, arg: ctx });
}
