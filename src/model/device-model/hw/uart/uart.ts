import { declareState, part, plain, wiring } from "../../../inspect/state.ts";
import { FCR, IER, IIR, LCR, LSR, MCR, MSR, MSR_DELTA_MASK, uartRegisters } from "./registers.ts";
import { RxFifo } from "./rx-fifo.ts";

/** A 16550A (devicemodel/hw/uart_core.c): registers, FIFO and interrupt reasons; knows neither bus nor interrupt line. */

/** Hz of the baud generator, and the rate after a reset. */
const DEFAULT_RCLK = 1843200;
const DEFAULT_BAUD = 9600;
const DEFAULT_FIFOSZ = 256;
/** Bits of MCR that exist. */
const MCR_MASK = 0x1f;

const { at } = uartRegisters;

/** Where the bytes come from and go to. Without one, what the guest writes is lost. */
export interface UartBackend {
  /** A byte of input, -1 when there is none. */
  read(): number;
  write(byte: number): void;
  /** Throws away unread input and listens to new. */
  flush(): void;
  /** Listens to new input, or stops to while the FIFO is full. */
  enable(on: boolean): void;
  /** Closes the backend; the UART has none then. */
  release(): void;
}

/** The interrupt line. Asserted once more at each access while a reason is pending. */
export interface UartLine {
  assert(): void;
  deassert(): void;
}

/** `struct uart_vdev`; register names as in the C source. */
export class Uart {
  static readonly state = declareState<Uart>("device-model.Uart", {
    ier: plain,
    lcr: plain,
    mcr: plain,
    lsr: plain,
    msr: plain,
    fcr: plain,
    scr: plain,
    dll: plain,
    dlh: plain,
    threIntPending: plain,
    rxfifo: part,
    backend: part,
    line: wiring,
  });
  ier = 0;
  lcr = 0;
  mcr = 0;
  lsr = 0;
  msr = modemStatus(0);
  fcr = 0;
  scr = 0;
  dll = DEFAULT_RCLK / DEFAULT_BAUD / 16;
  dlh = 0;
  threIntPending = true;
  readonly rxfifo = new RxFifo(DEFAULT_FIFOSZ);
  /** Set once it is open. */
  backend: UartBackend | undefined;
  readonly line: UartLine;

  constructor(line: UartLine) {
    this.line = line;
    uartToggleIntr(this);
  }
}

/** Modem lines: looped back from MCR, else a carrier and a data set, so that an open does not wait for them. */
function modemStatus(mcr: number): number {
  if ((mcr & MCR.LOOPBACK) === 0) return MSR.DCD | MSR.DSR;
  let msr = 0;
  if (mcr & MCR.RTS) msr |= MSR.CTS;
  if (mcr & MCR.DTR) msr |= MSR.DSR;
  if (mcr & MCR.OUT1) msr |= MSR.RI;
  if (mcr & MCR.OUT2) msr |= MSR.DCD;
  return msr;
}

/** The most urgent reason for an interrupt that IER allows. */
function uartIntrReason(uart: Uart): number {
  if (uart.lsr & LSR.OE && uart.ier & IER.ERLS) return IIR.RLS;
  if (uart.rxfifo.num > 0 && uart.ier & IER.ERXRDY) return IIR.RXTOUT;
  if (uart.threIntPending && uart.ier & IER.ETXRDY) return IIR.TXRDY;
  if (uart.msr & MSR_DELTA_MASK && uart.ier & IER.EMSC) return IIR.MLSC;
  return IIR.NOPEND;
}

function uartToggleIntr(uart: Uart): void {
  if (uartIntrReason(uart) === IIR.NOPEND) uart.line.deassert();
  else uart.line.assert();
}

function rxfifoReset(uart: Uart, size: number): void {
  uart.rxfifo.reset(size);
  uart.backend?.flush();
}

function rxfifoPutchar(uart: Uart, byte: number): boolean {
  const taken = uart.rxfifo.put(byte);
  if (taken && uart.rxfifo.full) uart.backend?.enable(false);
  return taken;
}

function rxfifoGetchar(uart: Uart): number {
  const wasFull = uart.rxfifo.full;
  const byte = uart.rxfifo.get();
  if (wasFull && byte >= 0) uart.backend?.enable(true);
  return byte & 0xff;
}

/** The backend has input. Takes only what the FIFO has room for, so that nothing is lost; loopback drops a byte. */
export function uartDrain(uart: Uart): void {
  if (uart.mcr & MCR.LOOPBACK) {
    uart.backend?.read();
    return;
  }
  while (!uart.rxfifo.full) {
    const byte = uart.backend?.read() ?? -1;
    if (byte < 0) break;
    rxfifoPutchar(uart, byte);
  }
  uartToggleIntr(uart);
}

/** Writes a register; `offset` 0 to 7 from the first port. */
export function uartWrite(uart: Uart, offset: number, value: number): void {
  if (uart.lcr & LCR.DLAB && offset === at.dll) uart.dll = value;
  else if (uart.lcr & LCR.DLAB && offset === at.dlh) uart.dlh = value;
  else writeRegister(uart, offset, value);
  uartToggleIntr(uart);
}

function writeRegister(uart: Uart, offset: number, value: number): void {
  switch (offset) {
    case at.data:
      writeData(uart, value);
      break;
    case at.ier:
      if ((uart.ier & IER.ETXRDY) === 0 && value & IER.ETXRDY) uart.threIntPending = true;
      uart.ier = value & (IER.ERXRDY | IER.ETXRDY | IER.ERLS | IER.EMSC);
      break;
    case at.fcr:
      writeFcr(uart, value);
      break;
    case at.lcr:
      uart.lcr = value;
      break;
    case at.mcr:
      writeMcr(uart, value);
      break;
    case at.scr:
      uart.scr = value;
      break;
    default:
    // LSR and MSR are read-only.
  }
}

/** Sends a byte: the transmitter is ready again at once. */
function writeData(uart: Uart, value: number): void {
  uart.threIntPending = false;
  uartToggleIntr(uart);
  if ((uart.mcr & MCR.LOOPBACK) === 0) uart.backend?.write(value);
  else if (!rxfifoPutchar(uart, value)) uart.lsr |= LSR.OE;
  uart.threIntPending = true;
}

/** Turning the FIFO on or off empties it; the other bits count only while it is on. */
function writeFcr(uart: Uart, value: number): void {
  if ((uart.fcr ^ value) & FCR.ENABLE) rxfifoReset(uart, value & FCR.ENABLE ? uart.rxfifo.depth : 1);
  if ((value & FCR.ENABLE) === 0) {
    uart.fcr = 0;
    return;
  }
  if (value & FCR.RCV_RST) rxfifoReset(uart, uart.rxfifo.depth);
  uart.fcr = value & (FCR.ENABLE | FCR.DMA | FCR.RX_MASK);
}

/** New modem lines; what changed is kept in the delta bits. */
function writeMcr(uart: Uart, value: number): void {
  uart.mcr = value & MCR_MASK;
  const msr = modemStatus(uart.mcr);
  const changed = msr ^ uart.msr;
  let delta = uart.msr & MSR_DELTA_MASK;
  if (changed & MSR.CTS) delta |= MSR.DCTS;
  if (changed & MSR.DSR) delta |= MSR.DDSR;
  if (changed & MSR.DCD) delta |= MSR.DDCD;
  if (uart.msr & MSR.RI && (msr & MSR.RI) === 0) delta |= MSR.TERI;
  uart.msr = delta | msr;
}

/** Reads a register; `offset` 0 to 7 from the first port, 0xff beyond. */
export function uartRead(uart: Uart, offset: number): number {
  const value = readRegister(uart, offset);
  uartToggleIntr(uart);
  return value;
}

function readRegister(uart: Uart, offset: number): number {
  if (uart.lcr & LCR.DLAB && offset === at.dll) return uart.dll;
  if (uart.lcr & LCR.DLAB && offset === at.dlh) return uart.dlh;
  switch (offset) {
    case at.data:
      return rxfifoGetchar(uart);
    case at.ier:
      return uart.ier;
    case at.iir:
      return readIir(uart);
    case at.lcr:
      return uart.lcr;
    case at.mcr:
      return uart.mcr;
    case at.lsr:
      return readLsr(uart);
    case at.msr:
      return readMsr(uart);
    case at.scr:
      return uart.scr;
    default:
      return 0xff;
  }
}

/** Reading clears a pending transmitter interrupt when that is the reason read. */
function readIir(uart: Uart): number {
  const reason = uartIntrReason(uart);
  if (reason === IIR.TXRDY) uart.threIntPending = false;
  return reason | (uart.fcr & FCR.ENABLE ? IIR.FIFO_MASK : 0);
}

function readLsr(uart: Uart): number {
  uart.lsr |= LSR.TEMT | LSR.THRE;
  uart.lsr = uart.rxfifo.num > 0 ? uart.lsr | LSR.RXRDY : uart.lsr & ~LSR.RXRDY;
  const value = uart.lsr;
  uart.lsr &= ~LSR.OE;
  return value;
}

function readMsr(uart: Uart): number {
  const value = uart.msr;
  uart.msr &= ~MSR_DELTA_MASK;
  return value;
}
