import { VIOAPIC_SIZE } from "../abi/apic.ts";
import type { AcrnVcpu } from "./vcpu.ts";
import { vioapicMmioAccessHandler } from "./vioapic-mmio.ts";
import type { AcrnVm } from "./vm.ts";
import {
  PCI_CONFIG_ADDR,
  PCI_CONFIG_DATA,
  USER_VM_VIRT_PCI_MMCFG_BASE,
  USER_VM_VIRT_PCI_MMCFG_SIZE,
  vpciMmioCfgAccess,
  vpciPioCfgaddrRead,
  vpciPioCfgaddrWrite,
  vpciPioCfgdataRead,
  vpciPioCfgdataWrite,
} from "./vpci.ts";

/** `struct vm_io_handler_desc`: ports [start, end); a handler that returns false declines. */
export interface PioHandler {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly read: (vcpu: AcrnVcpu, port: number, bytes: number) => boolean;
  readonly write: (vcpu: AcrnVcpu, port: number, bytes: number, value: number) => boolean;
}

/** `struct mem_io_node`: addresses [start, end); the handler works on `vcpu->req` and returns 0 or a negative errno. */
export interface MmioHandler {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly readWrite: (vcpu: AcrnVcpu) => number;
}

/**
 * `vm->emul_pio` of a post-launched VM. The reset ports 0x64 and 0xCF9 are not in it: register_reset_port_handler
 * leaves them out for such a VM, and acrn-dm emulates them.
 */
export const pioHandlers = (): PioHandler[] => [
  {
    name: "PCI_CFGADDR",
    start: PCI_CONFIG_ADDR,
    end: PCI_CONFIG_ADDR + 1,
    read: vpciPioCfgaddrRead,
    write: vpciPioCfgaddrWrite,
  },
  {
    name: "PCI_CFGDATA",
    start: PCI_CONFIG_DATA,
    end: PCI_CONFIG_DATA + 4,
    read: vpciPioCfgdataRead,
    write: vpciPioCfgdataWrite,
  },
];

/** `vm->emul_mmio` of a post-launched VM. */
export const mmioHandlers = (vm: AcrnVm): MmioHandler[] => [
  {
    name: "vIOAPIC",
    start: vm.vioapic.base,
    end: vm.vioapic.base + VIOAPIC_SIZE,
    readWrite: (vcpu) => vioapicMmioAccessHandler(vm.vioapic, vcpu.req),
  },
  {
    name: "PCI ECAM",
    start: USER_VM_VIRT_PCI_MMCFG_BASE,
    end: USER_VM_VIRT_PCI_MMCFG_BASE + USER_VM_VIRT_PCI_MMCFG_SIZE,
    readWrite: vpciMmioCfgAccess,
  },
];
