import { defineStruct } from "./struct.ts";

/** Interrupt controllers: vIOAPIC registers, redirection entries, MSI messages (hypervisor/include/arch/x86/asm/apicreg.h). */

const APICREG = "hypervisor/include/arch/x86/asm/apicreg.h";

/** The two MMIO registers of an I/O APIC; both are accessed 32 bits wide only. */
export const ioapicMmio = defineStruct("ioapic", 4096, APICREG, {
  IOREGSEL: { offset: 0x00, type: "u32", about: "number of the register the window shows (bits 7:0)" },
  IOWIN: { offset: 0x10, type: "u32", about: "window onto the selected register" },
});

/** Registers behind the window, by number: id, version, arbitration id, then two per pin from REDTBL on. */
export const IoapicReg = { ID: 0x00, VER: 0x01, ARB: 0x02, REDTBL: 0x10 } as const;

/** Pins of a post-launched VM's vIOAPIC (VIOAPIC_RTE_NUM, hypervisor/include/public/acrn_common.h). */
export const VIOAPIC_PINS = 48;
export const VIOAPIC_VERSION = 0x11;
export const VIOAPIC_SIZE = 4096;
/** Where real hardware and acrn-dm have it. */
export const VIOAPIC_BASE = 0xfec00000;

/** One redirection table entry. */
export const ioapicRte = defineStruct("ioapic_rte", 8, APICREG, {
  lo: {
    offset: 0,
    type: "u32",
    about: "vector 7:0, delivery mode 10:8, and the bits named here",
    values: {
      bits: true,
      names: {
        2048: "LOGICAL",
        4096: "DELIVERY_PENDING",
        8192: "ACTIVE_LOW",
        16384: "REMOTE_IRR",
        32768: "LEVEL",
        65536: "MASKED",
      },
    },
  },
  hi: { offset: 4, type: "u32", about: "destination in bits 31:24" },
});

/** Bits of the low half of a redirection table entry. */
export const Rte = {
  VECTOR: 0xff,
  DELMODE: 0x700,
  LOGICAL: 0x800,
  DELIVS: 0x1000,
  ACTIVE_LOW: 0x2000,
  REMOTE_IRR: 0x4000,
  LEVEL: 0x8000,
  MASKED: 0x10000,
} as const;

/** Delivery modes, of redirection entries and MSI data alike. */
export const DeliveryMode = { FIXED: 0, LOPRI: 1, EXINT: 7 } as const;
export const deliveryModeNames = { 0: "FIXED", 1: "LOPRI", 2: "SMI", 4: "NMI", 5: "INIT", 7: "EXINT" } as const;

/** MSI address (SDM Vol. 3, 11.11.1): 0xFEE in bits 31:20, destination 19:12, redirection hint 3, logical mode 2. */
export const Msi = { BASE: 0xfee, REDIRECTION_HINT: 8, LOGICAL: 4 } as const;

/** Offsets in the (virtual) APIC page of what decides where an interrupt goes. */
export const LapicReg = { PPR: 0xa0, LDR: 0xd0, DFR: 0xe0, SVR: 0xf0 } as const;
/** Software enable bit of the spurious vector register. */
export const SVR_ENABLE = 0x100;
/** Logical destination model in DFR bits 31:28: flat, or else cluster (0). */
export const DFR_FLAT = 0xf;
