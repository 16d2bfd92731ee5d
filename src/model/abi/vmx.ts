/** Basic VM-exit reasons the model produces (Intel SDM Vol. 3, Appendix C). */
export const ExitReason = { VMCALL: 18, IO_INSTRUCTION: 30, VIRTUALIZED_EOI: 45, EPT_VIOLATION: 48 } as const;

export const exitReasonNames = {
  18: "VMCALL",
  30: "IO_INSTRUCTION",
  45: "VIRTUALIZED_EOI",
  48: "EPT_VIOLATION",
} as const;

/** Exit qualification of an I/O instruction (SDM Vol. 3, table 28-5): size - 1 in bits 2:0, 1 = IN in bit 3, port in 31:16. */
export const ioQualification = (port: number, size: number, isRead: boolean): number =>
  ((port << 16) | (isRead ? 8 : 0) | (size - 1)) >>> 0;
export const ioPort = (qualification: number): number => qualification >>> 16;
export const ioSize = (qualification: number): number => (qualification & 7) + 1;
export const ioIsRead = (qualification: number): boolean => (qualification & 8) !== 0;

/** Exit qualification of an EPT violation (SDM Vol. 3, table 28-7): the data access was a read or a write. */
export const EPT_READ = 1;
export const EPT_WRITE = 2;

/** Vector of the general-protection exception. */
export const IDT_GP = 13;
