import { station } from "../../chain/announce.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
import { prInfo, prNotice } from "./log.ts";
import { meventNotify } from "./mevent.ts";
import type { SuspendMode, Vmctx } from "./vmctx.ts";

/** What acrn-dm wants of the VM, and how that changes (devicemodel/core/vmmapi.c). */

/** In the order of `enum vm_suspend_how`. */
const suspendModes: readonly SuspendMode[] = ["NONE", "SYSTEM_RESET", "FULL_RESET", "POWEROFF"];

/** `vm_state_to_str` */
const nameOf = (mode: SuspendMode): string => (mode === "NONE" ? "RUNNING" : mode);

export function vmSetSuspendMode(ctx: Vmctx, how: SuspendMode): void {
  prNotice(ctx, `VM state changed from[ ${nameOf(ctx.suspendMode)} ] to [ ${nameOf(how)} ]`);
  ctx.suspendMode = how;
}

/** Both loops look at the mode after what they are doing now. */
export const vmSuspend = station(
  stations.vm_suspend,
  (ctx: Vmctx, how: SuspendMode): void => {
    prInfo(ctx, `vm_suspend: setting VM state to ${nameOf(how)}`);
    vmSetSuspendMode(ctx, how);
    meventNotify(ctx);
  },
  (emit, _ctx, how) => emit(suspendModes.indexOf(how)),
);
