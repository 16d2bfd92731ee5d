import { directionNames } from "../../../abi/acrn.ts";
import type { StationInfo } from "../../station.ts";
import { boot, lintrNames, queue, vcpu } from "./shared.ts";

/** acrn-dm's PCI core. */

const CORE = "devicemodel/hw/pci/core.c";
const IRQ = "devicemodel/hw/pci/irq.c";
const IOAPIC = "devicemodel/hw/platform/ioapic.c";

export const pciStations = {
  // PCI core
  init_pci: {
    file: CORE,
    contexts: boot,
    about: "makes all PCI functions and routes their pins",
  },
  pci_emul_init: {
    file: CORE,
    contexts: boot,
    about: "makes one PCI function",
    values: { bus: "dec", slot: "dec", func: "dec" },
  },
  pci_emul_io_handler: {
    file: CORE,
    contexts: vcpu,
    about: "finds the I/O BAR of a port",
    values: { port: "hex", size: "dec", direction: directionNames, value: "hex" },
  },
  pci_emul_mem_handler: {
    file: CORE,
    contexts: vcpu,
    about: "access to a memory BAR, 8 bytes in two halves",
    values: { address: "hex", size: "dec", direction: directionNames, value: "hex", bar: "dec" },
  },
  pci_emul_ecfg_handler: {
    file: CORE,
    contexts: vcpu,
    about: "memory-mapped configuration space",
    values: { address: "hex", size: "dec", direction: directionNames, value: "hex" },
  },
  pci_emul_fallback_handler: {
    file: CORE,
    contexts: vcpu,
    about: "PCI hole without a device: reads all ones",
    values: { address: "hex", size: "dec", direction: directionNames },
  },
  emulate_pci_cfgrw: {
    file: CORE,
    contexts: vcpu,
    about: "configuration access of a PCICFG request",
    values: { bus: "dec", slot: "dec", func: "dec", reg: "hex", direction: directionNames, value: "hex" },
  },
  pci_cfgrw: {
    file: CORE,
    contexts: vcpu,
    about: "one configuration space access",
    values: { bus: "dec", slot: "dec", func: "dec", reg: "hex", direction: directionNames, value: "hex" },
  },
  pci_emul_cmdsts_write: {
    file: CORE,
    contexts: vcpu,
    about: "write to command or status: decoding and INTx follow",
    values: { reg: "hex", size: "dec", value: "hex" },
  },
  update_bar_address: {
    file: CORE,
    contexts: vcpu,
    about: "moves a BAR and what it decodes",
    values: { bar: "dec", address: "hex", sizing: "bool" },
  },
  pci_emul_capwrite: {
    file: CORE,
    contexts: vcpu,
    about: "write to a capability",
    values: { offset: "hex", size: "dec", value: "hex" },
  },
  msicap_cfgwrite: {
    file: CORE,
    contexts: vcpu,
    about: "write to the MSI capability",
    values: { offset: "hex", size: "dec", value: "hex" },
  },
  msixcap_cfgwrite: {
    file: CORE,
    contexts: vcpu,
    about: "write to the MSI-X capability",
    values: { offset: "hex", size: "dec", value: "hex" },
  },
  pci_emul_msix_twrite: {
    file: CORE,
    contexts: vcpu,
    about: "write to the MSI-X table",
    values: { offset: "hex", size: "dec", value: "hex" },
  },
  pci_emul_msix_tread: {
    file: CORE,
    contexts: vcpu,
    about: "read of the MSI-X table or pending bits",
    values: { offset: "hex", size: "dec" },
  },
  pci_generate_msix: {
    file: CORE,
    contexts: queue,
    about: "sends an MSI-X vector unless it is masked",
    values: { vector: "dec", enabled: "bool", function_mask: "bool" },
  },
  pci_generate_msi: {
    file: CORE,
    contexts: queue,
    about: "sends an MSI, or makes it pending",
    values: { message: "dec", enabled: "bool" },
  },
  pci_lintr_request: {
    file: CORE,
    contexts: boot,
    about: "takes an interrupt pin of the slot",
  },
  pci_lintr_route: {
    file: CORE,
    contexts: boot,
    about: "routes the pin to I/O APIC and interrupt router",
    values: { slot: "dec", pin: "dec" },
  },
  pci_lintr_assert: {
    file: CORE,
    contexts: queue,
    about: "wants the INTx line active",
    values: { state: lintrNames, gsi: "dec" },
  },
  pci_lintr_deassert: {
    file: CORE,
    contexts: vcpu,
    about: "wants the INTx line inactive",
    values: { state: lintrNames, gsi: "dec" },
  },
  pci_lintr_update: {
    file: CORE,
    contexts: vcpu,
    about: "INTx became permitted or forbidden",
    values: { state: lintrNames, gsi: "dec" },
  },
  pci_irq_assert: {
    file: IRQ,
    contexts: queue,
    about: "drives the line low: active",
    values: { gsi: "dec" },
  },
  pci_irq_deassert: {
    file: IRQ,
    contexts: vcpu,
    about: "drives the line high: inactive",
    values: { gsi: "dec" },
  },
  ioapic_pci_alloc_irq: {
    file: IOAPIC,
    contexts: boot,
    about: "next free I/O APIC pin from 16 on",
  },
} as const satisfies { readonly [id: string]: StationInfo };
