import { IrqlineOp } from "../../../abi/acrn.ts";
import { PciCommand, pciConfig } from "../../../abi/pci.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { prWarn } from "../../core/log.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { vmSetGsiIrq } from "../../core/vmmapi.ts";
import { ioapicPciAllocIrq } from "../platform/ioapic.ts";
import { pciIrqAssert, pciIrqDeassert, pirqAllocPin, pirqIrq } from "./irq.ts";
import type { LintrState, PciVdev } from "./vdev.ts";

/** INTx: pin, routing and the state of the line (devicemodel/hw/pci/core.c). */

/** By state, for recorded values. */
const order: readonly LintrState[] = ["IDLE", "ASSERTED", "PENDING"];
const stateNumber = (dev: PciVdev): number => order.indexOf(dev.lintr.state);

/** Neither MSI nor MSI-X is on and the command register does not forbid INTx. */
function permitted(dev: PciVdev): boolean {
  return !dev.msi.enabled && !dev.msix.enabled && (dev.command & PciCommand.INTxDIS) === 0;
}

/** Gives the function the least used of its slot's four pins. */
export const pciLintrRequest = station(stations.pci_lintr_request, (dev: PciVdev): void => {
  const { intpins } = dev.vmctx.pci.bus(dev.bus).slots[dev.slot];
  const counts = intpins.map((pin) => pin.count);
  const best = counts.indexOf(Math.min(...counts));
  intpins[best].count++;
  dev.lintr.pin = best + 1;
  dev.cfgWrite(pciConfig.at.intpin, 1, best + 1);
});

/** Routes the function's pin to an I/O APIC pin and a router pin, and makes the line inactive. */
export const pciLintrRoute = station(
  stations.pci_lintr_route,
  (dev: PciVdev): void => {
    if (dev.lintr.pin === 0) return;
    const ctx = dev.vmctx;
    const info = ctx.pci.bus(dev.bus).slots[dev.slot].intpins[dev.lintr.pin - 1];
    if (info.ioapicIrq === 0) info.ioapicIrq = ioapicPciAllocIrq(ctx);
    if (info.pirqPin === 0) info.pirqPin = pirqAllocPin(ctx);
    dev.lintr.ioapicIrq = info.ioapicIrq;
    dev.lintr.pirqPin = info.pirqPin;
    dev.cfgWrite(pciConfig.at.intline, 1, pirqIrq(ctx, info.pirqPin));
    vmSetGsiIrq(ctx, info.ioapicIrq, IrqlineOp.SET_HIGH);
  },
  (emit, dev) => emit(dev.slot, dev.lintr.pin),
);

function hasPin(dev: PciVdev, caller: string): boolean {
  if (dev.lintr.pin > 0) return true;
  prWarn(dev, `${caller}: Invalid intr pin on dev [${dev.name}]`);
  return false;
}

/** Wants the line active: it becomes so, or waits until that is permitted. */
export const pciLintrAssert = station(
  stations.pci_lintr_assert,
  (dev: PciVdev): void => {
    if (!hasPin(dev, "pci_lintr_assert") || dev.lintr.state !== "IDLE") return;
    if (permitted(dev)) {
      dev.lintr.state = "ASSERTED";
      pciIrqAssert(dev);
    } else {
      dev.lintr.state = "PENDING";
    }
  },
  (emit, dev) => emit(stateNumber(dev), dev.lintr.ioapicIrq),
);

/** Wants the line inactive. */
export const pciLintrDeassert = station(
  stations.pci_lintr_deassert,
  (dev: PciVdev): void => {
    if (!hasPin(dev, "pci_lintr_deassert")) return;
    const { state } = dev.lintr;
    dev.lintr.state = "IDLE";
    if (state === "ASSERTED") pciIrqDeassert(dev);
  },
  (emit, dev) => emit(stateNumber(dev), dev.lintr.ioapicIrq),
);

/** MSI, MSI-X or INTxDIS may have changed: the line follows what is permitted now. */
export const pciLintrUpdate = station(
  stations.pci_lintr_update,
  (dev: PciVdev): void => {
    if (dev.lintr.state === "ASSERTED" && !permitted(dev)) {
      pciIrqDeassert(dev);
      dev.lintr.state = "PENDING";
    } else if (dev.lintr.state === "PENDING" && permitted(dev)) {
      dev.lintr.state = "ASSERTED";
      pciIrqAssert(dev);
    }
  },
  (emit, dev) => emit(stateNumber(dev), dev.lintr.ioapicIrq),
);

/** A routed interrupt pin of a slot, as firmware tables describe it. */
export interface IntxRoute {
  readonly bus: number;
  readonly slot: number;
  /** 1 INTA to 4 INTD. */
  readonly pin: number;
  readonly pirqPin: number;
  readonly ioapicIrq: number;
}

/** All interrupt pins in use (pci_walk_lintr). */
export function pciWalkLintr(ctx: Vmctx): IntxRoute[] {
  const routes: IntxRoute[] = [];
  for (const [bus, info] of ctx.pci.buses) {
    info.slots.forEach(({ intpins }, slot) => {
      intpins.forEach(({ count, pirqPin, ioapicIrq }, pin) => {
        if (count > 0) routes.push({ bus, slot, pin: pin + 1, pirqPin, ioapicIrq });
      });
    });
  }
  return routes;
}
