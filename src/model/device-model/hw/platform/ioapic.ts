import { station } from "../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../chain/stations/device-model.ts";
import { DmExit } from "../../config.ts";
import { prErr } from "../../core/log.ts";
import type { Vmctx } from "../../core/vmctx.ts";

/** Gives PCI interrupt pins their I/O APIC pins (devicemodel/hw/platform/ioapic.c). */

/** Pins of the virtual I/O APIC; the first 16 are ISA interrupts. */
const VIOAPIC_RTE_NUM = 48;
const LEGACY_IRQ_NUM = 16;

export function ioapicInit(ctx: Vmctx): void {
  ctx.pci.lastIoapicPin = 0;
}

/** The next pin from 16 on. An assertion ends acrn-dm when all are taken. */
export const ioapicPciAllocIrq = station(stations.ioapic_pci_alloc_irq, (ctx: Vmctx): number => {
  const { pci } = ctx;
  if (pci.lastIoapicPin >= VIOAPIC_RTE_NUM - LEGACY_IRQ_NUM) {
    const pins = VIOAPIC_RTE_NUM - LEGACY_IRQ_NUM;
    prErr(ctx, `the devices want more than ${pins} interrupt pins, which is all there are; name fewer devices with -s`);
    throw new DmExit(134, "ioapic_pci_alloc_irq: Assertion `last_pin < pci_pins' failed.");
  }
  return LEGACY_IRQ_NUM + pci.lastIoapicPin++;
});
