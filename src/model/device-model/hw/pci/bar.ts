import { PCIM_BAR_IO_SPACE, PciCommand, pciConfig } from "../../../abi/pci.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { inoutOwners, registerInout, unregisterInout } from "../../core/inout.ts";
import { hex, prErr, prWarn } from "../../core/log.ts";
import { memOwners, registerMem, unregisterMem } from "../../core/mem.ts";
import { pciEmulIoHandler, pciEmulMemHandler } from "./handlers.ts";
import type { BarType, PciBar, PciVdev } from "./vdev.ts";

/** Base address registers: allocation, and what they decode (devicemodel/hw/pci/core.c). */

export const PCI_EMUL_IOBASE = 0x2000;
const PCI_EMUL_IOLIMIT = 0x10000;
export const PCI_EMUL_MEMBASE32 = 0x8000_0000;
export const PCI_EMUL_MEMLIMIT32 = 0xe000_0000;
/** Smallest distance of two BARs: what an EPT can map. */
const PAGE_SIZE = 4096;

const roundup = (value: number, to: number): number => Math.ceil(value / to) * to;
const powerOfTwo = (size: number): number => 2 ** Math.ceil(Math.log2(size));

/** The register of BAR `idx` in configuration space. */
export const barRegister = (idx: number): number => pciConfig.at.bar + 4 * idx;

/** The low bits of the register, which tell the kind of space. */
const kindBits = (type: BarType): number => (type === "IO" ? PCIM_BAR_IO_SPACE : 0);

/**
 * Allocates `size` bytes of ports or of memory below 4 GiB for BAR `idx` and registers them. The size is rounded up to
 * a power of two, the place to that or to a page. -1 when the window is full or somebody decodes the range already.
 */
export function pciEmulAllocBar(dev: PciVdev, idx: number, type: "IO" | "MEM32", size: number): number {
  const { pci } = dev.vmctx;
  const bytes = powerOfTwo(Math.max(size, type === "IO" ? 4 : 16));
  const step = Math.max(bytes, PAGE_SIZE);
  const addr = roundup(type === "IO" ? pci.iobase : pci.membase32, step);
  if (addr + step > (type === "IO" ? PCI_EMUL_IOLIMIT : PCI_EMUL_MEMLIMIT32)) return -1;
  if (type === "IO") pci.iobase = addr + step;
  else pci.membase32 = addr + step;
  Object.assign(dev.bar[idx], { type, addr, size: bytes });
  dev.cfgWrite(barRegister(idx), 4, addr + kindBits(type));
  const error = registerBar(dev, idx);
  if (error !== 0) prErr(dev, `${dev.name} failed to register_bar`);
  return error;
}

/** Makes the BAR's region reach the device; -1 when part of it is taken. */
function registerBar(dev: PciVdev, idx: number): number {
  const { type, addr, size } = dev.bar[idx];
  const ctx = dev.vmctx;
  if (type === "IO") {
    return registerInout(ctx, { name: dev.name, port: addr, size, handler: pciEmulIoHandler, arg: dev });
  }
  return registerMem(ctx, { name: dev.name, base: addr, size, handler: pciEmulMemHandler, arg1: dev, arg2: idx });
}

function unregisterBar(dev: PciVdev, idx: number): number {
  const { type, addr, size } = dev.bar[idx];
  if (type === "IO") return unregisterInout(dev.vmctx, { port: addr, size });
  return unregisterMem(dev.vmctx, { name: dev.name, base: addr, size });
}

/** Where the BAR lies, for people: "ports 0x2000 to 0x203f". */
function placeOf({ type, addr, size }: PciBar): string {
  return `${type === "IO" ? "ports" : "memory"} ${hex(addr)} to ${hex(addr + size - 1)}`;
}

/** Who else has a part of the BAR's range. */
function othersIn(dev: PciVdev, { type, addr, size }: PciBar): string {
  const owners = type === "IO" ? inoutOwners(dev.vmctx, addr, size) : memOwners(dev.vmctx, addr, size);
  return owners.filter((name) => name !== dev.name).join(", ");
}

/** The guest lets the BAR decode. Where another has a part of the range already, it does not, and acrn-dm keeps silent. */
export function startDecoding(dev: PciVdev, idx: number): void {
  if (registerBar(dev, idx) === 0) return;
  const bar = dev.bar[idx];
  const why = othersIn(dev, bar) || "an earlier place of its own";
  prWarn(dev, `${dev.name}: BAR ${idx} is not reached: ${placeOf(bar)} overlap ${why} (acrn-dm keeps silent)`);
}

/** The guest moves the BAR away or switches it off. Ports are given back whoever has them, as acrn-dm does, silently. */
export function stopDecoding(dev: PciVdev, idx: number): void {
  const bar = dev.bar[idx];
  const losers = bar.type === "IO" ? othersIn(dev, bar) : "";
  unregisterBar(dev, idx);
  if (losers === "") return;
  prWarn(
    dev,
    `${dev.name}: BAR ${idx} leaves ${placeOf(bar)} and takes them from ${losers} (as acrn-dm does, silently)`,
  );
}

/** The command register lets the BAR decode. */
export function decodes(dev: PciVdev, bar: PciBar): boolean {
  return (dev.command & (bar.type === "IO" ? PciCommand.PORTEN : PciCommand.MEMEN)) !== 0;
}

/** Gives the BAR a new address; while it decodes, the region moves with it unless the guest is sizing. */
const updateBarAddress = station(
  stations.update_bar_address,
  (dev: PciVdev, idx: number, addr: number, leaveRegistered: boolean): void => {
    const moves = !leaveRegistered && decodes(dev, dev.bar[idx]);
    if (moves) stopDecoding(dev, idx);
    dev.bar[idx].addr = addr;
    if (moves) startDecoding(dev, idx);
  },
  (emit, _dev, idx, addr, leaveRegistered) => emit(idx, addr, leaveRegistered ? 1 : 0),
);

/**
 * The guest writes a BAR register: only the bits above the size are writable. Drivers that size a BAR without switching
 * decoding off first would make regions overlap for a moment, so all ones and the write after it leave the tables alone.
 */
export function barWrite(dev: PciVdev, idx: number, value: number): void {
  const bar = dev.bar[idx];
  if (bar.type === "NONE") {
    bar.addr = 0;
    dev.cfgWrite(barRegister(idx), 4, 0);
    return;
  }
  const leaveRegistered = decodes(dev, bar) && trackSizing(bar, value === 0xffffffff);
  const masked = (value & ~(bar.size - 1)) >>> 0;
  const addr = bar.type === "IO" ? masked & 0xffff : masked;
  if (addr !== bar.addr) updateBarAddress(dev, idx, addr, leaveRegistered);
  dev.cfgWrite(barRegister(idx), 4, addr + kindBits(bar.type));
}

/** Notes that sizing begins or ends; true for the write that begins it and the one that ends it. */
function trackSizing(bar: PciBar, allOnes: boolean): boolean {
  if (bar.sizing === allOnes) return false;
  bar.sizing = allOnes;
  return true;
}

/** Takes all regions of the device out of the tables. */
export function pciEmulFreeBars(dev: PciVdev): void {
  for (let idx = 0; idx < dev.bar.length; idx++) {
    const bar = dev.bar[idx];
    if (bar.type !== "NONE" && decodes(dev, bar)) unregisterBar(dev, idx);
    bar.type = "NONE";
  }
}
