import { IrqlineOp } from "../../../abi/acrn.ts";
import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { vmSetGsiIrq } from "../../core/vmmapi.ts";
import type { PciVdev } from "./vdev.ts";

/** INTx lines, and the 8-pin interrupt router of an ICH10 (devicemodel/hw/pci/irq.c). */

const PIRQ_DIS = 0x80;
const PIRQ_IRQ = 0x0f;
/** ISA interrupts 3-7, 9-12, 14 and 15 may be used for PCI. */
const PERMITTED_IRQS = 0xdef8;
/** Users of an ISA interrupt that PCI must keep off. */
const IRQ_DISABLED = 0xff;

export interface PirqState {
  readonly pirqs: { reg: number; useCount: number }[];
  /** Users of each ISA interrupt. */
  readonly irqCounts: number[];
  /** No pin has been given away yet: interrupts can still be reserved. */
  cold: boolean;
}

export function newPirqState(): PirqState {
  return {
    pirqs: Array.from({ length: 8 }, () => ({ reg: PIRQ_DIS, useCount: 0 })),
    irqCounts: new Array(16).fill(0),
    cold: true,
  };
}

const permitted = (irq: number): boolean => (PERMITTED_IRQS & (1 << irq)) !== 0;

export function pciIrqInit(ctx: Vmctx): void {
  const { pirqs, irqCounts } = ctx.pci.pirq;
  for (const pirq of pirqs) {
    pirq.reg = PIRQ_DIS;
    pirq.useCount = 0;
  }
  for (let irq = 0; irq < irqCounts.length; irq++) irqCounts[irq] = permitted(irq) ? 0 : IRQ_DISABLED;
}

/** Keeps PCI off an ISA interrupt, as a COM port does. Without effect once a pin is routed. */
export function pciIrqReserve(ctx: Vmctx, irq: number): void {
  const { pirq } = ctx.pci;
  if (pirq.cold && pirq.irqCounts[irq] === 0) pirq.irqCounts[irq] = IRQ_DISABLED;
}

/** Counts a user of an ISA interrupt that PCI may share: it comes last. Without effect once a pin is routed. */
export function pciIrqUse(ctx: Vmctx, irq: number): void {
  const { pirq } = ctx.pci;
  if (pirq.cold && pirq.irqCounts[irq] !== IRQ_DISABLED) pirq.irqCounts[irq]++;
}

/** Register of router pin 1 to 8. */
export function pirqRead(ctx: Vmctx, pin: number): number {
  return ctx.pci.pirq.pirqs[pin - 1]?.reg ?? PIRQ_DIS;
}

/** Writes the register of a router pin. No device drives the pins in acrn-dm, so nothing else follows. */
export function pirqWrite(ctx: Vmctx, pin: number, value: number): void {
  const pirq = ctx.pci.pirq.pirqs[pin - 1];
  if (pirq !== undefined) pirq.reg = value & (PIRQ_DIS | PIRQ_IRQ);
}

/** Gives out the least used router pin, 1 to 8, and routes it to the least used ISA interrupt. -1 when there is none. */
export function pirqAllocPin(ctx: Vmctx): number {
  const { pirq } = ctx.pci;
  pirq.cold = false;
  const uses = pirq.pirqs.map((pin) => pin.useCount);
  const best = uses.indexOf(Math.min(...uses));
  const chosen = pirq.pirqs[best];
  chosen.useCount++;
  if (chosen.reg === PIRQ_DIS) {
    const free = pirq.irqCounts.filter((count) => count !== IRQ_DISABLED);
    if (free.length === 0) return -1;
    const irq = pirq.irqCounts.indexOf(Math.min(...free));
    pirq.irqCounts[irq]++;
    chosen.reg = irq;
  }
  return best + 1;
}

/** ISA interrupt of a router pin, 0xff for no pin. */
export function pirqIrq(ctx: Vmctx, pin: number): number {
  const pirq = ctx.pci.pirq.pirqs[pin - 1];
  return pirq === undefined ? 0xff : pirq.reg & PIRQ_IRQ;
}

/** Drives the device's line: active is low. */
export const pciIrqAssert = station(
  stations.pci_irq_assert,
  (dev: PciVdev): void => {
    vmSetGsiIrq(dev.vmctx, dev.lintr.ioapicIrq, IrqlineOp.SET_LOW);
  },
  (emit, dev) => emit(dev.lintr.ioapicIrq),
);

/** Releases the device's line. */
export const pciIrqDeassert = station(
  stations.pci_irq_deassert,
  (dev: PciVdev): void => {
    vmSetGsiIrq(dev.vmctx, dev.lintr.ioapicIrq, IrqlineOp.SET_HIGH);
  },
  (emit, dev) => emit(dev.lintr.ioapicIrq),
);
