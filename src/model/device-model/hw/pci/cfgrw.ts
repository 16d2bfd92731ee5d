import { PCI_BARS, PCI_CONFIG_SIZE, PCIM_MFDEV, PciCommand, pciConfig } from "../../../abi/pci.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import type { MemAccess } from "../../core/mem.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { barRegister, barWrite, startDecoding, stopDecoding } from "./bar.ts";
import { pciEmulIscap } from "./capability.ts";
import { pciEmulCapwrite } from "./capwrite.ts";
import { pciLintrUpdate } from "./lintr.ts";
import type { CfgAccess } from "./state.ts";
import type { PciVdev } from "./vdev.ts";

/** Configuration space accesses (devicemodel/hw/pci/core.c). */

const { at } = pciConfig;
/** Command and status bits the guest cannot change. */
const CMDSTS_READONLY = 0xfffff880;

/** A configuration access that came as PCICFG request. */
export const emulatePciCfgrw = station(
  stations.emulate_pci_cfgrw,
  (ctx: Vmctx, access: CfgAccess): number => {
    pciCfgrw(ctx, access);
    return 0;
  },
  (emit, _ctx, access) => emit(access.bus, access.slot, access.func, access.reg, access.in ? 0 : 1, access.value),
);

/**
 * One access to a function's configuration space. Reads all ones where no function is, where size or alignment are
 * wrong, and beyond byte 255; the first word there reads 0, which means no extended capabilities.
 */
const pciCfgrw = station(
  stations.pci_cfgrw,
  (ctx: Vmctx, access: CfgAccess): void => {
    const { reg, bytes } = access;
    const dev = ctx.pci.find(access.bus, access.slot, access.func);
    const aligned = (bytes === 1 || bytes === 2 || bytes === 4) && (reg & (bytes - 1)) === 0;
    if (dev === undefined || !aligned || reg >= PCI_CONFIG_SIZE) {
      const isExtendedHead = dev !== undefined && aligned && reg < PCI_CONFIG_SIZE + 4;
      if (access.in) access.value = isExtendedHead ? 0 : 0xffffffff;
    } else if (access.in) {
      access.value = withMfdev(ctx, access, dev.cfgRead(reg, bytes));
    } else {
      cfgWrite(dev, reg, bytes, access.value);
    }
  },
  (emit, _ctx, access) => emit(access.bus, access.slot, access.func, access.reg, access.in ? 0 : 1, access.value),
);

/** Memory-mapped configuration space: 1 MiB a bus, 4 KiB a function. */
export const pciEmulEcfgHandler = station(
  stations.pci_emul_ecfg_handler,
  (ctx: Vmctx, access: MemAccess, _arg2: number): number => {
    const cfg = ctx.pci.access;
    const { address } = access;
    cfg.vcpu = 0;
    cfg.in = !access.write;
    cfg.reg = address & 0xfff;
    cfg.func = (address >>> 12) & 0x7;
    cfg.slot = (address >>> 15) & 0x1f;
    cfg.bus = (address >>> 20) & 0xff;
    cfg.bytes = access.size;
    cfg.value = access.value;
    pciCfgrw(ctx, cfg);
    if (cfg.in) {
      access.value = cfg.value;
      access.valueHigh = 0xffffffff;
    }
    return 0;
  },
  (emit, _ctx, access) => emit(access.address, access.size, access.write ? 1 : 0, access.value),
);

function cfgWrite(dev: PciVdev, reg: number, bytes: number, value: number): void {
  if (dev.ops.cfgwrite?.(dev, reg, bytes, value) === 0) return;
  if (reg >= barRegister(0) && reg < barRegister(PCI_BARS)) {
    if (bytes === 4) barWrite(dev, (reg - barRegister(0)) / 4, value);
  } else if (reg === at.bios) {
    // There is no expansion ROM, and its size is not answered.
  } else if (pciEmulIscap(dev, reg)) {
    pciEmulCapwrite(dev, reg, bytes, value);
  } else if (reg >= at.command && reg < at.revid) {
    pciEmulCmdstsWrite(dev, reg, bytes, value);
  } else {
    dev.cfgWrite(reg, bytes, value);
  }
}

/** Write to command or status: the BARs follow the decode bits, the INTx line follows INTxDIS. */
const pciEmulCmdstsWrite = station(
  stations.pci_emul_cmdsts_write,
  (dev: PciVdev, reg: number, bytes: number, value: number): void => {
    const before = dev.command;
    const readonly = CMDSTS_READONLY >>> ((reg & 3) * 8);
    dev.cfgWrite(reg, bytes, (value & ~readonly) | (dev.cfgRead(reg, bytes) & readonly));
    const changed = before ^ dev.command;
    for (let idx = 0; idx < dev.bar.length; idx++) {
      const { type } = dev.bar[idx];
      const bit = type === "IO" ? PciCommand.PORTEN : PciCommand.MEMEN;
      if (type === "NONE" || (changed & bit) === 0) continue;
      if ((dev.command & bit) !== 0) startDecoding(dev, idx);
      else stopDecoding(dev, idx);
    }
    pciLintrUpdate(dev);
  },
  (emit, _dev, reg, bytes, value) => emit(reg, bytes, value),
);

/** The multi-function bit of the header type is set in whatever covers it when the slot has more functions. */
function withMfdev(ctx: Vmctx, access: CfgAccess, value: number): number {
  if (access.reg > at.hdrtype || access.reg + access.bytes <= at.hdrtype) return value;
  const functions = ctx.pci.bus(access.bus).slots[access.slot].funcs.filter((dev) => dev !== undefined).length;
  const bit = access.bytes === 4 ? PCIM_MFDEV << 16 : PCIM_MFDEV;
  return (functions > 1 ? value | bit : value & ~bit) >>> 0;
}
