import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { ESRCH } from "../../../util/errno.ts";
import { type PortAccess, UNHANDLED } from "../../core/inout.ts";
import { hex, prErr, prWarn } from "../../core/log.ts";
import type { MemAccess } from "../../core/mem.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import type { BarAccess, PciBar, PciVdev } from "./vdev.ts";

/** From a port or an address to a device's BAR (devicemodel/hw/pci/core.c). */

/** The low `size` bytes of an unsigned value. */
const barValue = (size: number, value: number): number => (size >= 4 ? value : value & (2 ** (8 * size) - 1));

/**
 * Where in the BAR an access of `size` bytes lies as a whole, -1 when a part of it does not. A device's handler is told
 * no other offset: a region that stays registered while its BAR is sized has accesses on both sides of the BAR.
 */
export const offsetInBar = (bar: PciBar, address: number, size: number): number =>
  address >= bar.addr && address + size <= bar.addr + bar.size ? address - bar.addr : -1;

/** Fills the VM's one BAR access. */
function prepare(dev: PciVdev, vcpu: number, baridx: number, offset: number, size: number): BarAccess {
  const access = dev.vmctx.pci.barAccess;
  access.vcpu = vcpu;
  access.baridx = baridx;
  access.offset = offset;
  access.size = size;
  access.value = 0;
  return access;
}

function barRead(dev: PciVdev, vcpu: number, baridx: number, offset: number, size: number): number {
  const access = prepare(dev, vcpu, baridx, offset, size);
  return barValue(size, dev.ops.barread?.(dev, access) ?? 0);
}

function barWrite(dev: PciVdev, vcpu: number, baridx: number, offset: number, size: number, value: number): void {
  const access = prepare(dev, vcpu, baridx, offset, size);
  access.value = barValue(size, value);
  dev.ops.barwrite?.(dev, access);
}

/** Finds the I/O BAR that contains the whole access. UNHANDLED when the device has moved its BAR away. */
export const pciEmulIoHandler = station(
  stations.pci_emul_io_handler,
  (dev: PciVdev, access: PortAccess): number => {
    const { port, bytes, vcpu } = access;
    for (let idx = 0; idx < dev.bar.length; idx++) {
      const bar = dev.bar[idx];
      const offset = bar.type === "IO" ? offsetInBar(bar, port, bytes) : -1;
      if (offset < 0) continue;
      if (access.in) access.value = barRead(dev, vcpu, idx, offset, bytes);
      else barWrite(dev, vcpu, idx, offset, bytes, access.value);
      return 0;
    }
    return UNHANDLED;
  },
  (emit, _dev, access) => emit(access.port, access.bytes, access.in ? 0 : 1, access.value),
);

/** Access to memory BAR `idx`; 8 bytes become two accesses of 4, low half first. -ESRCH unless all of it is in the BAR. */
export const pciEmulMemHandler = station(
  stations.pci_emul_mem_handler,
  (dev: PciVdev, access: MemAccess, idx: number): number => {
    const bar = dev.bar[idx];
    const { address, size } = access;
    const offset = offsetInBar(bar, address, size);
    if (offset < 0) {
      sayOutside(dev, idx, address);
      return -ESRCH;
    }
    const first = Math.min(size, 4);
    if (access.write) {
      barWrite(dev, 0, idx, offset, first, access.value);
      if (size === 8) barWrite(dev, 0, idx, offset + 4, 4, access.valueHigh);
    } else {
      access.value = barRead(dev, 0, idx, offset, first);
      access.valueHigh = size === 8 ? barRead(dev, 0, idx, offset + 4, 4) : 0;
    }
    return 0;
  },
  (emit, _dev, access, idx) => emit(access.address, access.size, access.write ? 1 : 0, access.value, idx),
);

/** acrn-dm looks at the upper end only; below the BAR its offset wraps, and MSI-X takes that for a place before its table. */
function sayOutside(dev: PciVdev, idx: number, address: number): void {
  const { addr } = dev.bar[idx];
  if (address >= addr) prErr(dev, "pci_emul_mem_handler, Out of emulated memory range");
  else {
    const where = `${hex(address)} is below its BAR ${idx}, which the guest has put to ${hex(addr)}`;
    prWarn(dev, `${dev.name}: ${where} (acrn-dm would reach for memory of its own, outside of the device)`);
  }
}

/** The PCI holes where no device is: reads all ones, writes go nowhere. */
export const pciEmulFallbackHandler = station(
  stations.pci_emul_fallback_handler,
  (_ctx: Vmctx, access: MemAccess, _arg2: number): number => {
    if (!access.write) {
      access.value = 0xffffffff;
      access.valueHigh = 0xffffffff;
    }
    return 0;
  },
  (emit, _ctx, access) => emit(access.address, access.size, access.write ? 1 : 0),
);
