import { SBUF_MAGIC, SBUF_PAGE_SIZE, sharedBuf } from "../../abi/sbuf.ts";
import { station, stationThread } from "../../chain/announce.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
import { pmInit } from "../arch/x86/pm.ts";
import { DmExit } from "../config.ts";
import { deinitPci, initPci } from "../hw/pci/init.ts";
import { pciIrqInit } from "../hw/pci/irq.ts";
import { atkbdcInit } from "../hw/platform/atkbdc.ts";
import { ioapicInit } from "../hw/platform/ioapic.ts";
import { initInout } from "./inout.ts";
import { iothreadDeinit } from "./iothread.ts";
import { hex, prErr, prInfo, prNotice, prWarn } from "./log.ts";
import { initMem } from "./mem.ts";
import { meventDeinit, meventDispatch, meventInit, meventNotify } from "./mevent.ts";
import { startThread } from "./vm-loop.ts";
import { vmSetSuspendMode } from "./vm-suspend.ts";
import type { Vmctx } from "./vmctx.ts";
import { vmCreate, vmDestroy, vmDestroyIoreqClient, vmPause, vmSetupAsyncio, vmSetupMemory } from "./vmmapi.ts";

/**
 * acrn-dm's start and end (devicemodel/core/main.c). The steps that make firmware tables and load the guest are the
 * machine's: acrn-dm writes them into guest memory before the VM runs, here the guest engine does.
 */

const VM_MAXCPU = 16;

/** Prepares the page that becomes the asyncio ring and offers it to the kernel. -ENOTTY where that has no asyncio. */
const vmInitAsyncio = station(
  stations.vm_init_asyncio,
  (ctx: Vmctx, base: number): number => {
    const { bytes, view } = ctx.kernel.memory;
    const { at, size } = sharedBuf;
    const elementSize = 8;
    const elements = (SBUF_PAGE_SIZE - size) / elementSize;
    bytes.fill(0, base, base + SBUF_PAGE_SIZE);
    view.setBigUint64(base + at.magic, SBUF_MAGIC, true);
    view.setUint32(base + at.ele_size, elementSize, true);
    view.setUint32(base + at.ele_num, elements, true);
    view.setUint32(base + at.size, elements * elementSize, true);
    return vmSetupAsyncio(ctx, base);
  },
  (emit, _ctx, base) => emit(base),
);

/** Makes the virtual devices. Negative when one of them fails; those made before it are torn down. */
const vmInitVdevs = station(stations.vm_init_vdevs, (ctx: Vmctx): number => {
  initMem(ctx);
  initInout(ctx);
  pciIrqInit(ctx);
  atkbdcInit(ctx);
  ioapicInit(ctx);
  pmInit(ctx);
  return initPci(ctx);
});

/** Starts the thread `vcpu 0`, the only one whatever the number of guest vCPUs. */
const addCpu = station(stations.add_cpu, (ctx: Vmctx): void => {
  ctx.vcpuThread = ctx.kernel.startThread("vcpu 0", "dm.vcpu", startThread, ctx);
});

/** Ends the thread `vcpu 0`: its wait in the HSM returns when the client is destroyed. */
const deleteCpu = stationThread(stations.delete_cpu, function* (ctx: Vmctx): Generator<void, void, void> {
  vmDestroyIoreqClient(ctx);
  yield* ctx.vcpuJoin.wait(ctx.chain, ({ vcpuEnded }) => vcpuEnded, ctx);
});

/** Everything up to the event loop. Throws DmExit where acrn-dm exits. */
const mainStart = station(stations.main, (ctx: Vmctx): void => {
  const { config } = ctx;
  prNotice(ctx, `vm_create: ${config.name}`);
  if (!vmCreate(ctx, config.name)) fail(ctx, "vm_create failed");
  if (ctx.guestNcpus < 1) fail(ctx, `Invalid guest vCPUs (${ctx.guestNcpus})`);
  if (ctx.guestNcpus > VM_MAXCPU) fail(ctx, `${ctx.guestNcpus} vCPUs requested but ${VM_MAXCPU} available`);
  prNotice(ctx, "vm setup asyncio page");
  if (vmInitAsyncio(ctx, ctx.asyncioPage) !== 0) {
    prInfo(ctx, "ASYNIO capability is not supported by kernel or hyperviosr!");
  }
  prNotice(ctx, `vm_setup_memory: size=${hex(config.memSize)}`);
  const error = vmSetupMemory(ctx, config.memSize);
  if (error !== 0) fail(ctx, `Unable to setup memory (${-error})`);
  meventInit(ctx);
  if (config.virtioPollNs > 0) {
    prWarn(ctx, "--virtio_poll is not modelled: the devices are not polled, kicks go through the ioreq thread");
  }
  prNotice(ctx, "vm_init_vdevs");
  const failed = vmInitVdevs(ctx);
  if (failed !== 0) fail(ctx, `Unable to init vdev (${-failed})`);
  prNotice(ctx, "add_cpu");
  addCpu(ctx);
});

function fail(ctx: Vmctx, message: string): never {
  prErr(ctx, message);
  iothreadDeinit(ctx);
  meventDeinit(ctx);
  if (ctx.hsm !== undefined) {
    vmPause(ctx);
    vmDestroy(ctx);
  }
  throw new DmExit(1, message);
}

/**
 * The main thread from the event loop on; it is called `mevent` then. After a full reset acrn-dm begins again with
 * vm_create; here the machine ends with the VM, and whoever owns it starts another.
 */
export const mainLoop = stationThread(stations.main, function* (ctx: Vmctx): Generator<void, void, void> {
  yield* meventDispatch(ctx);
  vmPause(ctx);
  yield* deleteCpu(ctx);
  deinitPci(ctx);
  iothreadDeinit(ctx);
  meventDeinit(ctx);
  // Only the way out of the program pauses again, as after a failed start.
  if (ctx.suspendMode !== "FULL_RESET") vmPause(ctx);
  vmDestroy(ctx);
});

/** Runs acrn-dm: the start in the current context, then its threads. */
export function runMain(ctx: Vmctx): void {
  mainStart(ctx);
  ctx.kernel.startThread("mevent", "dm.main", mainLoop, ctx);
}

/** The process ends without having been asked: its files are closed. */
export function closeProcess(ctx: Vmctx): void {
  ctx.suspendMode = "POWEROFF";
  deinitPci(ctx);
  // Not the event loop's thread: the devices' teardown, iothreads included, is left to this.
  meventDeinit(ctx);
  iothreadDeinit(ctx);
  ctx.hsm?.close();
  ctx.hsm = undefined;
}

/** SIGINT or SIGHUP: the VM is to be powered off, the event loop ends everything. */
export const sigHandlerTerm = station(stations.sig_handler_term, (ctx: Vmctx): void => {
  prInfo(ctx, "Received SIGINT to terminate application...");
  vmSetSuspendMode(ctx, "POWEROFF");
  meventNotify(ctx);
});
