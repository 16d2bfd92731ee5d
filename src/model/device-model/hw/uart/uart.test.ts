import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FCR, IER, IIR, LCR, LSR, MCR, MSR, uartRegisters } from "./registers.ts";
import { Uart, type UartBackend, uartDrain, uartRead, uartWrite } from "./uart.ts";

const { at } = uartRegisters;

class FakeBackend implements UartBackend {
  input: number[] = [];
  output: number[] = [];
  enabled = true;
  read = (): number => this.input.shift() ?? -1;
  write(byte: number): void {
    this.output.push(byte);
  }
  flush(): void {
    this.input = [];
    this.enabled = true;
  }
  enable(on: boolean): void {
    this.enabled = on;
  }
  release(): void {}
}

function make(): { uart: Uart; backend: FakeBackend; line: { asserts: number; level: boolean } } {
  const line = { asserts: 0, level: false };
  const uart = new Uart({
    assert: () => {
      line.asserts++;
      line.level = true;
    },
    deassert: () => {
      line.level = false;
    },
  });
  const backend = new FakeBackend();
  uart.backend = backend;
  return { uart, backend, line };
}

const send = (backend: FakeBackend, text: string): number => backend.input.push(...Buffer.from(text));

describe("16550A", () => {
  it("has acrn-dm's values after a reset", () => {
    const { uart } = make();
    const values = (["data", "ier", "iir", "lcr", "mcr", "lsr", "msr", "scr"] as const).map((r) =>
      uartRead(uart, at[r]),
    );
    assert.deepEqual(values, [0xff, 0, IIR.NOPEND, 0, 0, LSR.THRE | LSR.TEMT, MSR.DCD | MSR.DSR, 0]);
    assert.equal(uartRead(uart, 8), 0xff);
  });

  it("reads 9600 baud from the divisor latch, and keeps what is written there", () => {
    const { uart, backend } = make();
    uartWrite(uart, at.lcr, LCR.DLAB | 3);
    assert.equal(uartRead(uart, at.dll), 12);
    uartWrite(uart, at.dll, 1);
    uartWrite(uart, at.dlh, 2);
    assert.deepEqual([uartRead(uart, at.dll), uartRead(uart, at.dlh)], [1, 2]);
    uartWrite(uart, at.lcr, 3);
    assert.equal(uartRead(uart, at.ier), 0);
    assert.deepEqual(backend.output, []);
  });

  it("sends at once and asks for more with an interrupt that reading IIR clears", () => {
    const { uart, backend, line } = make();
    uartWrite(uart, at.data, 0x41);
    assert.deepEqual(backend.output, [0x41]);
    assert.equal(line.level, false);
    uartWrite(uart, at.ier, IER.ETXRDY);
    assert.equal(line.level, true);
    assert.equal(uartRead(uart, at.iir), IIR.TXRDY);
    assert.equal(line.level, false);
    uartWrite(uart, at.data, 0x42);
    assert.equal(line.level, true);
    assert.equal(uartRead(uart, at.iir), IIR.TXRDY);
    assert.equal(uartRead(uart, at.iir), IIR.NOPEND);
    uartWrite(uart, at.ier, 0);
    uartWrite(uart, at.ier, 0xff);
    assert.equal(uartRead(uart, at.ier), 0x0f);
    assert.equal(uartRead(uart, at.iir), IIR.TXRDY);
  });

  it("takes one byte at a time without the FIFO, and leaves the rest to the backend", () => {
    const { uart, backend, line } = make();
    uartWrite(uart, at.ier, IER.ERXRDY);
    send(backend, "ab");
    uartDrain(uart);
    assert.equal(line.level, true);
    assert.equal(backend.enabled, false);
    assert.equal(uartRead(uart, at.lsr) & LSR.RXRDY, LSR.RXRDY);
    assert.equal(uartRead(uart, at.iir), IIR.RXTOUT);
    assert.equal(uartRead(uart, at.data), 0x61);
    assert.equal(backend.enabled, true);
    assert.equal(line.level, false);
    assert.equal(uartRead(uart, at.lsr) & LSR.RXRDY, 0);
    uartDrain(uart);
    assert.equal(uartRead(uart, at.data), 0x62);
  });

  it("holds 256 bytes with the FIFO on, in order, over its end", () => {
    const { uart, backend } = make();
    uartWrite(uart, at.fcr, FCR.ENABLE);
    assert.equal(uartRead(uart, at.iir), IIR.FIFO_MASK | IIR.NOPEND);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 300; i++) backend.input.push(i & 0xff);
      uartDrain(uart);
      assert.equal(backend.input.length, 44);
      assert.equal(backend.enabled, false);
      for (let i = 0; i < 256; i++) assert.equal(uartRead(uart, at.data), i);
      assert.equal(uartRead(uart, at.data), 0xff);
      assert.equal(backend.enabled, true);
      uartDrain(uart);
      for (let i = 256; i < 300; i++) assert.equal(uartRead(uart, at.data), i & 0xff);
    }
  });

  it("empties the FIFO and the backend when it is switched or reset", () => {
    for (const [before, value] of [
      [0, FCR.ENABLE],
      [FCR.ENABLE, 0],
      [FCR.ENABLE, FCR.ENABLE | FCR.RCV_RST],
    ]) {
      const { uart, backend } = make();
      uartWrite(uart, at.fcr, before);
      send(backend, "x");
      uartDrain(uart);
      send(backend, "y");
      uartWrite(uart, at.fcr, value);
      uartDrain(uart);
      assert.equal(uartRead(uart, at.data), 0xff, `${before} to ${value}`);
    }
    const { uart } = make();
    uartWrite(uart, at.fcr, 0xff);
    assert.equal(uart.fcr, FCR.ENABLE | FCR.DMA | FCR.RX_MASK);
    uartWrite(uart, at.fcr, 0xfe);
    assert.equal(uart.fcr, 0);
  });

  it("loops bytes and modem lines back, and reports an overrun once", () => {
    const { uart, backend } = make();
    uartWrite(uart, at.ier, IER.ERLS | IER.EMSC);
    uartWrite(uart, at.mcr, MCR.LOOPBACK | MCR.RTS | 0xe0);
    assert.equal(uartRead(uart, at.mcr), MCR.LOOPBACK | MCR.RTS);
    assert.equal(uartRead(uart, at.iir), IIR.MLSC);
    assert.equal(uartRead(uart, at.msr), MSR.CTS | MSR.DCTS | MSR.DDSR | MSR.DDCD);
    assert.equal(uartRead(uart, at.msr), MSR.CTS);
    uartWrite(uart, at.data, 1);
    uartWrite(uart, at.data, 2);
    assert.deepEqual(backend.output, []);
    assert.equal(uartRead(uart, at.iir), IIR.RLS);
    assert.equal(uartRead(uart, at.lsr) & LSR.OE, LSR.OE);
    assert.equal(uartRead(uart, at.lsr) & LSR.OE, 0);
    assert.equal(uartRead(uart, at.data), 1);
    send(backend, "lost");
    uartDrain(uart);
    assert.equal(Buffer.from(backend.input).toString(), "ost");
  });

  it("notes the trailing edge of the ring indicator", () => {
    const { uart } = make();
    uartWrite(uart, at.mcr, MCR.LOOPBACK | MCR.OUT1);
    assert.equal(uartRead(uart, at.msr) & MSR.TERI, 0);
    uartWrite(uart, at.mcr, MCR.LOOPBACK);
    assert.equal(uartRead(uart, at.msr) & (MSR.TERI | MSR.RI), MSR.TERI);
  });

  it("keeps read-only registers and the scratch register", () => {
    const { uart } = make();
    uartWrite(uart, at.lsr, 0);
    uartWrite(uart, at.msr, 0);
    uartWrite(uart, at.scr, 0x5a);
    assert.equal(uartRead(uart, at.lsr), LSR.THRE | LSR.TEMT);
    assert.equal(uartRead(uart, at.msr), MSR.DCD | MSR.DSR);
    assert.equal(uartRead(uart, at.scr), 0x5a);
  });
});
