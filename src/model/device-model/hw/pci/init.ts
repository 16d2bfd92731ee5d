import { PciCommand, pciConfig } from "../../../abi/pci.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import type { PciSlotConfig } from "../../config.ts";
import { prErr, prNotice, prWarn } from "../../core/log.ts";
import { registerMem, registerMemFallback } from "../../core/mem.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { PCI_EMUL_IOBASE, PCI_EMUL_MEMBASE32, PCI_EMUL_MEMLIMIT32, pciEmulFreeBars } from "./bar.ts";
import { pciEmulEcfgHandler } from "./cfgrw.ts";
import { type DeviceClass, findDevice } from "./device-class.ts";
import { pciEmulFallbackHandler } from "./handlers.ts";
import { pciLintrRoute } from "./lintr.ts";
import { lpcPirqRouted } from "./lpc-bridge.ts";
import { PciVdev } from "./vdev.ts";

/** Builds the guest's PCI bus from the `-s` options (devicemodel/hw/pci/core.c). */

const PCI_EMUL_ECFG_BASE = 0xe000_0000;
const PCI_EMUL_ECFG_SIZE = 256 * 1024 * 1024;
const PCI_EMUL_MEMBASE64 = 0x40_0000_0000;
const PCI_EMUL_MEMLIMIT64 = 0x80_0000_0000;

/** What follows a bus's last BAR, so that the guest can move some. */
const BUSIO_ROUNDUP = 32;
const BUSMEM_ROUNDUP = 1024 * 1024;
const roundup = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Makes one function. -1 when its device class refuses, with the reason in the log. */
const pciEmulInit = station(
  stations.pci_emul_init,
  (ctx: Vmctx, ops: DeviceClass, config: PciSlotConfig): number => {
    const dev = new PciVdev(ctx, ops, config);
    dev.cfgWrite(pciConfig.at.intline, 1, 255);
    dev.cfgWrite(pciConfig.at.command, 1, PciCommand.PORTEN | PciCommand.MEMEN | PciCommand.BUSHOSTEN);
    const error = ops.init(ctx, dev, config.options);
    if (error === 0) ctx.pci.bus(config.bus).slots[config.slot].funcs[config.func] = dev;
    return error;
  },
  (emit, _ctx, _ops, config) => emit(config.bus, config.slot, config.func),
);

/** Makes all functions, in the order of bus, slot and function, then routes their pins and claims the PCI holes. */
export const initPci = station(stations.init_pci, (ctx: Vmctx): number => {
  const { pci } = ctx;
  pci.iobase = PCI_EMUL_IOBASE;
  pci.membase32 = PCI_EMUL_MEMBASE32;
  const buses = [...new Set(ctx.config.slots.map((slot) => slot.bus))].sort((a, b) => a - b);
  for (const bus of buses) {
    const error = initBus(ctx, bus);
    if (error !== 0) {
      deinitPci(ctx);
      return error;
    }
    pci.iobase = roundup(pci.iobase + BUSIO_ROUNDUP, BUSIO_ROUNDUP);
    pci.membase32 = roundup(pci.membase32 + BUSMEM_ROUNDUP, BUSMEM_ROUNDUP);
  }
  for (const dev of pci.devices()) pciLintrRoute(dev);
  lpcPirqRouted(ctx);
  return registerWindows(ctx);
});

function initBus(ctx: Vmctx, bus: number): number {
  const configs = ctx.config.slots.filter((slot) => slot.bus === bus);
  for (const config of configs.sort((a, b) => a.slot - b.slot || a.func - b.func)) {
    const ops = findDevice(ctx.deviceClasses, config.emul);
    if (ops === undefined) {
      prWarn(ctx, `No driver for device [${config.emul}]`);
      continue;
    }
    prNotice(ctx, `pci init ${config.emul}`);
    const error = pciEmulInit(ctx, ops, config);
    if (error === 0) continue;
    prErr(ctx, `pci ${config.emul} init failed`);
    return error;
  }
  return 0;
}

function registerWindows(ctx: Vmctx): number {
  const hole = (name: string, base: number, limit: number) =>
    registerMemFallback(ctx, {
      name,
      base,
      size: limit - base,
      handler: pciEmulFallbackHandler,
      arg1: ctx,
      arg2: 0,
    });
  const ecfg = { base: PCI_EMUL_ECFG_BASE, size: PCI_EMUL_ECFG_SIZE, handler: pciEmulEcfgHandler, arg1: ctx, arg2: 0 };
  return (
    hole("PCI hole (32-bit)", PCI_EMUL_MEMBASE32, PCI_EMUL_MEMLIMIT32) ||
    hole("PCI hole (64-bit)", PCI_EMUL_MEMBASE64, PCI_EMUL_MEMLIMIT64) ||
    registerMem(ctx, { name: "PCI ECFG", ...ecfg })
  );
}

/** Tears all functions down. */
export function deinitPci(ctx: Vmctx): void {
  for (const dev of ctx.pci.devices()) {
    prNotice(ctx, `pci deinit ${dev.ops.className}`);
    dev.ops.deinit?.(ctx, dev);
    pciEmulFreeBars(dev);
    ctx.pci.bus(dev.bus).slots[dev.slot].funcs[dev.func] = undefined;
  }
}
