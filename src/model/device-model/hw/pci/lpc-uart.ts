import { IrqlineOp } from "../../../abi/acrn.ts";
import { declareState, part, wiring } from "../../../inspect/state.ts";
import { leadingNumber } from "../../command-line/numbers.ts";
import type { LpcConfig } from "../../config.ts";
import { type PortAccess, registerInout, UNHANDLED, unregisterInout } from "../../core/inout.ts";
import { prErr } from "../../core/log.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { vmSetGsiIrq } from "../../core/vmmapi.ts";
import { uartSetBackend } from "../uart/backend.ts";
import { uartRegisters } from "../uart/registers.ts";
import { type Uart, type UartLine, uartRead, uartWrite } from "../uart/uart.ts";
import { pciIrqReserve } from "./irq.ts";

/** The COM ports behind the LPC bridge (devicemodel/hw/pci/lpc.c, devicemodel/hw/uart_core.c: uart_lres). */

/** First port and ISA interrupt of each. COM5 is acrn-dm's own, for power management; its option may move it. */
const uartResources: { readonly [name: string]: { readonly iobase: number; readonly irq: number } } = {
  COM1: { iobase: 0x3f8, irq: 4 },
  COM2: { iobase: 0x2f8, irq: 3 },
  COM3: { iobase: 0x3e8, irq: 6 },
  COM4: { iobase: 0x2e8, irq: 7 },
  COM5: { iobase: 0x9000, irq: 10 },
};

/** `struct lpc_uart_vdev`: a COM port, and the interrupt line of its UART. */
export class LpcUart implements UartLine {
  static readonly state = declareState<LpcUart>("device-model.LpcUart", {
    ctx: wiring,
    iobase: wiring,
    irq: wiring,
    uart: part,
  });
  readonly ctx: Vmctx;
  readonly iobase: number;
  readonly irq: number;
  /** Made with its backend. */
  uart: Uart | undefined;

  constructor(ctx: Vmctx, iobase: number, irq: number) {
    this.ctx = ctx;
    this.iobase = iobase;
    this.irq = irq;
  }

  assert(): void {
    // Before that, the bridge is not complete.
    if (this.ctx.pci.lpcBridge !== undefined) vmSetGsiIrq(this.ctx, this.irq, IrqlineOp.RAISING_PULSE);
  }

  /** Edge-triggered: there is nothing to take back. */
  deassert(): void {}
}

/** The COM ports of one bridge, until `deinit`. */
export class LpcUarts {
  static readonly state = declareState<LpcUarts>("device-model.LpcUarts", { ctx: wiring, uarts: part });
  readonly ctx: Vmctx;
  readonly uarts: LpcUart[] = [];

  constructor(ctx: Vmctx) {
    this.ctx = ctx;
  }

  /** Makes the COM ports of the `-l` options; the last option for a port counts. -1 with the reason in the log. */
  init(): number {
    const options = new Map(this.ctx.config.lpc.map((option) => [option.port.toUpperCase(), option]));
    for (const name of Object.keys(uartResources)) {
      const option = options.get(name);
      if (option !== undefined && !this.#add(name, option)) {
        this.deinit();
        return -1;
      }
    }
    return 0;
  }

  #add(name: string, option: LpcConfig): boolean {
    const { ctx } = this;
    const { iobase, irq, backend } = resources(name, option);
    pciIrqReserve(ctx, irq);
    const com = new LpcUart(ctx, iobase, irq);
    com.uart = uartSetBackend(ctx, com, backend);
    if (com.uart === undefined) return false;
    const { size } = uartRegisters;
    if (registerInout(ctx, { name, port: iobase, size, handler: lpcUartIoHandler, arg: com }) !== 0) {
      prErr(ctx, `Unable to allocate resources for LPC device ${name}`);
      com.uart.backend?.release();
      return false;
    }
    this.uarts.push(com);
    return true;
  }

  deinit(): void {
    for (const { iobase, uart } of this.uarts.splice(0)) {
      unregisterInout(this.ctx, { port: iobase, size: uartRegisters.size });
      uart?.backend?.release();
    }
  }
}

/** COM5's option is `backend[,base,irq]`, of the others all is the backend. */
function resources(name: string, { backend }: LpcConfig): { iobase: number; irq: number; backend: string | undefined } {
  if (name !== "COM5" || backend === undefined) return { ...uartResources[name], backend };
  const [path, base, irq] = backend.split(",");
  const moved = { iobase: leadingNumber(base ?? "", 0)?.value ?? 0, irq: leadingNumber(irq ?? "", 0)?.value ?? 0 };
  return { ...(moved.iobase > 0 && moved.irq > 0 ? moved : uartResources[name]), backend: path };
}

/** One or two bytes; two are two registers. */
export function lpcUartIoHandler({ uart, iobase }: LpcUart, access: PortAccess): number {
  if (access.bytes > 2 || uart === undefined) return UNHANDLED;
  const offset = access.port - iobase;
  if (access.in) {
    access.value = uartRead(uart, offset);
    if (access.bytes === 2) access.value |= uartRead(uart, offset + 1) << 8;
  } else {
    uartWrite(uart, offset, access.value & 0xff);
    if (access.bytes === 2) uartWrite(uart, offset + 1, (access.value >>> 8) & 0xff);
  }
  return 0;
}
