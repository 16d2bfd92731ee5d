import { IoreqDirection, IoreqState } from "../../abi/acrn.ts";
import { station, stationThread } from "../../chain/announce.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
import { ESRCH } from "../../util/errno.ts";
import { DmExit } from "../config.ts";
import { emulatePciCfgrw } from "../hw/pci/cfgrw.ts";
import { emulateInout } from "./inout.ts";
import type { IoRequest } from "./io-request.ts";
import { hex, prErr, prInfo } from "./log.ts";
import { emulateMem } from "./mem.ts";
import { vmSetSuspendMode } from "./vm-suspend.ts";
import type { Vmctx } from "./vmctx.ts";
import {
  vmAttachIoreqClient,
  vmClearIoreq,
  vmCreateIoreqClient,
  vmNotifyRequestDone,
  vmPause,
  vmReset,
  vmRun,
} from "./vmmapi.ts";

/** The one ioreq thread of acrn-dm, for all vCPUs of the guest (devicemodel/core/main.c). */

const ALL_ONES = 0xffffffff;

/** Port access. What nobody handles reads all ones. */
const vmexitInout = station(
  stations.vmexit_inout,
  (ctx: Vmctx, request: IoRequest, vcpu: number): void => {
    if (emulateInout(ctx, request, vcpu) === 0) return;
    const isRead = request.direction === IoreqDirection.READ;
    const width = request.size === 1 ? "b" : request.size === 2 ? "w" : "l";
    prErr(ctx, `Unhandled ${isRead ? "in" : "out"}${width} ${hex(request.address, 4)}`);
    if (isRead) request.value = ALL_ONES;
  },
  (emit, _ctx, request, vcpu) => emit(vcpu, request.address, request.size, request.direction, request.value),
);

/** Memory access outside RAM. What nobody handles reads all ones. */
const vmexitMmioEmul = station(
  stations.vmexit_mmio_emul,
  (ctx: Vmctx, request: IoRequest, _vcpu: number): void => {
    const error = emulateMem(ctx, request);
    if (error === 0) return;
    if (error === -ESRCH) prErr(ctx, `Unhandled memory access to ${hex(request.address)}`);
    prErr(ctx, `Failed to emulate instruction [mmio address ${hex(request.address)}, size ${request.size}`);
    if (request.direction === IoreqDirection.READ) {
      request.value = ALL_ONES;
      request.valueHigh = ALL_ONES;
    }
  },
  (emit, _ctx, request, vcpu) => emit(vcpu, request.address, request.size, request.direction, request.value),
);

/** PCI configuration access, made of a CFC access by the HSM. */
const vmexitPciEmul = station(
  stations.vmexit_pci_emul,
  (ctx: Vmctx, request: IoRequest, vcpu: number): void => {
    const access = ctx.pci.access;
    access.vcpu = vcpu;
    access.in = request.direction === IoreqDirection.READ;
    access.bus = request.pciBus;
    access.slot = request.pciDev;
    access.func = request.pciFunc;
    access.reg = request.pciReg;
    access.bytes = request.size;
    access.value = request.value;
    emulatePciCfgrw(ctx, access);
    if (access.in) request.value = access.value;
  },
  (emit, _ctx, request) =>
    emit(request.pciBus, request.pciDev, request.pciFunc, request.pciReg, request.direction, request.value),
);

/** By `type` of the request: PORTIO, MMIO, PCICFG. */
const handlers = [vmexitInout, vmexitMmioEmul, vmexitPciEmul];

/**
 * Does what the request asks and tells the HSM, unless the VM is to be reset: its vCPU must not go on before that.
 * A type acrn-dm does not know ends the process.
 */
const handleVmexit = station(
  stations.handle_vmexit,
  (ctx: Vmctx, request: IoRequest, vcpu: number): void => {
    const handler = handlers[request.type];
    if (handler === undefined) {
      const message = `handle vmexit: unexpected exitcode ${hex(request.type)}`;
      prErr(ctx, message);
      throw new DmExit(1, message);
    }
    handler(ctx, request, vcpu);
    if (ctx.suspendMode !== "SYSTEM_RESET") vmNotifyRequestDone(ctx, vcpu);
  },
  (emit, _ctx, request, vcpu) => emit(vcpu, request.type),
);

/**
 * Resets the VM without ending the process. acrn-dm then makes its devices anew, loads the guest and starts it; here
 * the machine ends with the VM's reset, and whoever owns it starts another.
 */
const vmSystemReset = station(stations.vm_system_reset, (ctx: Vmctx): void => {
  vmPause(ctx);
  vmClearIoreq(ctx);
  vmReset(ctx);
  vmSetSuspendMode(ctx, "NONE");
});

/** What vm_loop does before its loop: makes acrn-dm the default client and starts the VM. False with the reason in the log. */
function runs(ctx: Vmctx): boolean {
  ctx.ioreqClient = vmCreateIoreqClient(ctx);
  if (ctx.ioreqClient < 0) {
    prErr(ctx, "vm_loop, failed to create IOREQ.");
    return false;
  }
  if (vmRun(ctx) === 0) return true;
  prErr(ctx, "vm_loop, failed to run VM.");
  return false;
}

/** The loop: sleeps in the HSM until a request is there, then looks at the slots of all vCPUs. */
const vmLoop = stationThread(stations.vm_loop, function* (ctx: Vmctx): Generator<void, void, void> {
  if (ctx.ioreqClient < 0 && !runs(ctx)) return;
  for (;;) {
    const error = yield* vmAttachIoreqClient(ctx);
    if (error !== 0) break;
    for (let vcpu = 0; vcpu < ctx.guestNcpus; vcpu++) {
      const request = ctx.ioreqs[vcpu];
      if (request.processed === IoreqState.PROCESSING && request.kernelHandled === 0) handleVmexit(ctx, request, vcpu);
    }
    if (ctx.suspendMode === "FULL_RESET" || ctx.suspendMode === "POWEROFF") break;
    if (ctx.suspendMode === "SYSTEM_RESET") vmSystemReset(ctx);
  }
  // An error for acrn-dm also when it was asked to end.
  (ctx.suspendMode === "NONE" ? prErr : prInfo)(ctx, "VM loop exit");
});

/** Body of the thread `vcpu 0`. */
export const startThread = stationThread(stations.start_thread, function* (ctx: Vmctx): Generator<void, void, void> {
  try {
    yield* vmLoop(ctx);
  } finally {
    ctx.vcpuEnded = true;
    ctx.vcpuJoin.wakeUp(ctx.chain, "pthreadJoin");
  }
});
