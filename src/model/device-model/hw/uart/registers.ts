import { defineStruct, type Names } from "../../../abi/struct.ts";

/** The registers of a 16550A as acrn-dm has them (devicemodel/include/ns16550.h, devicemodel/hw/uart_core.c). */

/** Interrupt enable. */
export const IER = { ERXRDY: 0x01, ETXRDY: 0x02, ERLS: 0x04, EMSC: 0x08 } as const;
/** Interrupt identification: the most urgent reason, and the FIFO bits. */
export const IIR = { MLSC: 0x0, NOPEND: 0x1, TXRDY: 0x2, RLS: 0x6, RXTOUT: 0xc, FIFO_MASK: 0xc0 } as const;
/** FIFO control. */
export const FCR = { ENABLE: 0x01, RCV_RST: 0x02, XMT_RST: 0x04, DMA: 0x08, RX_MASK: 0xc0 } as const;
/** Line control: the divisor latch takes the place of DATA and IER. */
export const LCR = { DLAB: 0x80 } as const;
/** Modem control. */
export const MCR = { DTR: 0x01, RTS: 0x02, OUT1: 0x04, OUT2: 0x08, LOOPBACK: 0x10 } as const;
/** Line status. */
export const LSR = { RXRDY: 0x01, OE: 0x02, THRE: 0x20, TEMT: 0x40 } as const;
/** Modem status. */
export const MSR = {
  DCTS: 0x01,
  DDSR: 0x02,
  TERI: 0x04,
  DDCD: 0x08,
  CTS: 0x10,
  DSR: 0x20,
  RI: 0x40,
  DCD: 0x80,
} as const;
export const MSR_DELTA_MASK = 0x0f;

function bits(values: { readonly [name: string]: number }): Names {
  return { bits: true, names: Object.fromEntries(Object.entries(values).map(([name, value]) => [value, name])) };
}

/** Ports from the base on. Two registers at one offset: by direction, or by LCR.DLAB. */
export const uartRegisters = defineStruct("16550A registers", 8, "devicemodel/include/ns16550.h", {
  data: { offset: 0, type: "u8", about: "reads the oldest received byte, 0xff when there is none; writes send a byte" },
  dll: { offset: 0, type: "u8", about: "divisor latch, low byte; while LCR.DLAB is set" },
  ier: { offset: 1, type: "u8", about: "interrupts that may be raised", values: bits(IER) },
  dlh: { offset: 1, type: "u8", about: "divisor latch, high byte; while LCR.DLAB is set" },
  iir: {
    offset: 2,
    type: "u8",
    access: "ro",
    about: "most urgent interrupt reason in bits 3:0; bits 7:6 are set while the FIFO is on",
    values: { names: { 192: "MLSC", 193: "NOPEND", 194: "TXRDY", 198: "RLS", 204: "RXTOUT", 1: "NOPEND" } },
  },
  fcr: { offset: 2, type: "u8", access: "wo", about: "FIFO on, resets, trigger level", values: bits(FCR) },
  lcr: { offset: 3, type: "u8", about: "word format, kept only; bit 7 selects the divisor latch", values: bits(LCR) },
  mcr: { offset: 4, type: "u8", about: "modem lines, loopback; bits 7:5 read 0", values: bits(MCR) },
  lsr: {
    offset: 5,
    type: "u8",
    access: "ro",
    about: "THRE and TEMT are always set; reading clears OE",
    values: bits(LSR),
  },
  msr: {
    offset: 6,
    type: "u8",
    access: "ro",
    about: "modem lines and their changes, cleared by reading",
    values: bits(MSR),
  },
  scr: { offset: 7, type: "u8", about: "scratch" },
});
