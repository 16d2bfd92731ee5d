import { defineStruct } from "./struct.ts";

/** PCI configuration space and capabilities (PCI Local Bus 3.0), with the names of devicemodel/include/pcireg.h. */

const SPEC = "PCI Local Bus Specification 3.0";

export const PCI_CONFIG_SIZE = 256;
/** BARs of a type 0 header; the ROM BAR is one more, outside the array of registers. */
export const PCI_BARS = 6;

/** Type 0 header. */
export const pciConfig = defineStruct("pci_config", PCI_CONFIG_SIZE, `${SPEC}, 6.1`, {
  vendor: { offset: 0x00, type: "u16", access: "ro", about: "vendor id" },
  device: { offset: 0x02, type: "u16", access: "ro", about: "device id" },
  command: {
    offset: 0x04,
    type: "u16",
    about: "decoding, bus mastering, INTx",
    values: { bits: true, names: { 1: "PORTEN", 2: "MEMEN", 4: "BUSHOSTEN", 1024: "INTxDIS" } },
  },
  status: { offset: 0x06, type: "u16", access: "ro", about: "status", values: { bits: true, names: { 16: "CAPS" } } },
  revid: { offset: 0x08, type: "u8", access: "ro", about: "revision" },
  progif: { offset: 0x09, type: "u8", access: "ro", about: "programming interface" },
  subclass: { offset: 0x0a, type: "u8", access: "ro", about: "sub-class" },
  class: { offset: 0x0b, type: "u8", access: "ro", about: "base class" },
  hdrtype: { offset: 0x0e, type: "u8", access: "ro", about: "header type, bit 7: multi-function device" },
  bar: { offset: 0x10, type: "u32", count: PCI_BARS, about: "base address registers" },
  subvend: { offset: 0x2c, type: "u16", access: "ro", about: "subsystem vendor id" },
  subdev: { offset: 0x2e, type: "u16", access: "ro", about: "subsystem id; legacy virtio: the device type" },
  bios: { offset: 0x30, type: "u32", about: "expansion ROM base" },
  cap_ptr: { offset: 0x34, type: "u8", access: "ro", about: "first capability" },
  intline: { offset: 0x3c, type: "u8", about: "interrupt line, written by firmware for the OS" },
  intpin: { offset: 0x3d, type: "u8", access: "ro", about: "interrupt pin: 0 none, 1 INTA to 4 INTD" },
});

export const PciCommand = { PORTEN: 0x1, MEMEN: 0x2, BUSHOSTEN: 0x4, INTxDIS: 0x400 } as const;
export const PCIM_STATUS_CAPPRESENT = 0x10;
export const PCIM_MFDEV = 0x80;
/** Low bits of a BAR register: 1 for I/O space; the other low bits of a memory BAR are 0 for 32-bit memory. */
export const PCIM_BAR_IO_SPACE = 1;

/** Capability ids. */
export const PciCapability = { MSI: 0x05, EXPRESS: 0x10, MSIX: 0x11 } as const;
const pciCapabilityNames = { 5: "MSI", 16: "PCI Express", 17: "MSI-X" } as const;

const capId = { offset: 0, type: "u8", access: "ro", about: "id", values: { names: pciCapabilityNames } } as const;
const capNext = { offset: 1, type: "u8", access: "ro", about: "next capability, 0 at the end" } as const;

/** MSI, 64-bit address, per-vector masking. */
export const msiCapability = defineStruct("msicap", 24, `${SPEC}, 6.8.1`, {
  capid: capId,
  nextptr: capNext,
  msgctrl: {
    offset: 2,
    type: "u16",
    about: "bit 0 enable, 3:1 messages capable (log2), 6:4 messages enabled (log2), 7 64-bit, 8 maskable",
    values: { bits: true, names: { 1: "ENABLE", 128: "64BIT", 256: "PVMC" } },
  },
  addrlo: { offset: 4, type: "u32", about: "message address, low half" },
  addrhi: { offset: 8, type: "u32", about: "message address, high half" },
  msgdata: { offset: 12, type: "u16", about: "message data" },
  maskbit: { offset: 16, type: "u32", about: "one mask bit a message" },
  pendbit: { offset: 20, type: "u32", access: "ro", about: "one pending bit a message" },
});
export const MsiControl = {
  ENABLE: 0x1,
  MMC_SHIFT: 1,
  MME_MASK: 0x70,
  MME_SHIFT: 4,
  C64BIT: 0x80,
  PVMC: 0x100,
} as const;

export const msixCapability = defineStruct("msixcap", 12, `${SPEC}, 6.8.2`, {
  capid: capId,
  nextptr: capNext,
  msgctrl: {
    offset: 2,
    type: "u16",
    about: "10:0 table size - 1, 14 function mask, 15 enable",
    values: { bits: true, names: { 16384: "FUNCTION_MASK", 32768: "ENABLE" } },
  },
  table_info: { offset: 4, type: "u32", about: "2:0 BAR of the table, rest: offset in it" },
  pba_info: { offset: 8, type: "u32", about: "2:0 BAR of the pending bit array, rest: offset in it" },
});
export const MsixControl = { FUNCTION_MASK: 0x4000, ENABLE: 0x8000 } as const;

export const msixTableEntry = defineStruct("msix_table_entry", 16, `${SPEC}, 6.8.2.6`, {
  addr: { offset: 0, type: "u64", about: "message address" },
  msg_data: { offset: 8, type: "u32", about: "message data" },
  vector_control: {
    offset: 12,
    type: "u32",
    about: "bit 0: masked",
    values: { bits: true, names: { 1: "MASKED" } },
  },
});
export const MSIX_MASKED = 1;

/** PCI Express capability; what acrn-dm fills of it. */
export const pcieCapability = defineStruct("pciecap", 60, "PCI Express Base Specification, 7.8", {
  capid: capId,
  nextptr: capNext,
  pcie_capabilities: { offset: 2, type: "u16", access: "ro", about: "3:0 version, 7:4 port type" },
  link_capabilities: { offset: 12, type: "u32", access: "ro", about: "3:0 speed, 9:4 width" },
  link_status: { offset: 18, type: "u16", access: "ro", about: "3:0 speed, 9:4 width" },
});
