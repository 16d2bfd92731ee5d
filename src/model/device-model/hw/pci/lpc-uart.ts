import { IrqlineOp } from "../../../abi/acrn.ts";
import { leadingNumber } from "../../command-line/numbers.ts";
import type { LpcConfig } from "../../config.ts";
import { type InoutPort, type PortAccess, registerInout, UNHANDLED, unregisterInout } from "../../core/inout.ts";
import { prErr } from "../../core/log.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { vmSetGsiIrq } from "../../core/vmmapi.ts";
import { type BackedUart, uartSetBackend } from "../uart/backend.ts";
import { uartRegisters } from "../uart/registers.ts";
import { type Uart, uartRead, uartWrite } from "../uart/uart.ts";
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

/** `struct lpc_uart_vdev`. */
interface LpcUart {
  readonly port: InoutPort;
  readonly backed: BackedUart;
}

/** The COM ports of one bridge, until `deinit`. */
export class LpcUarts {
  readonly #ctx: Vmctx;
  readonly #uarts: LpcUart[] = [];

  constructor(ctx: Vmctx) {
    this.#ctx = ctx;
  }

  /** Makes the COM ports of the `-l` options; the last option for a port counts. -1 with the reason in the log. */
  init(): number {
    const options = new Map(this.#ctx.config.lpc.map((option) => [option.port.toUpperCase(), option]));
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
    const ctx = this.#ctx;
    const { iobase, irq, backend } = resources(name, option);
    pciIrqReserve(ctx, irq);
    const line = {
      assert: (): void => {
        // Before that, the bridge is not complete.
        if (ctx.pci.lpcBridge !== undefined) vmSetGsiIrq(ctx, irq, IrqlineOp.RAISING_PULSE);
      },
      // Edge-triggered: there is nothing to take back.
      deassert: (): void => {},
    };
    const backed = uartSetBackend(ctx, line, backend);
    if (backed === undefined) return false;
    const port: InoutPort = {
      name,
      port: iobase,
      size: uartRegisters.size,
      handler: (access) => lpcUartIoHandler(backed.uart, access.port - iobase, access),
    };
    if (registerInout(ctx, port) !== 0) {
      prErr(ctx, `Unable to allocate resources for LPC device ${name}`);
      backed.release();
      return false;
    }
    this.#uarts.push({ port, backed });
    return true;
  }

  deinit(): void {
    for (const { port, backed } of this.#uarts.splice(0)) {
      unregisterInout(this.#ctx, port);
      backed.release();
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
function lpcUartIoHandler(uart: Uart, offset: number, access: PortAccess): number {
  if (access.bytes > 2) return UNHANDLED;
  if (access.in) {
    access.value = uartRead(uart, offset);
    if (access.bytes === 2) access.value |= uartRead(uart, offset + 1) << 8;
  } else {
    uartWrite(uart, offset, access.value & 0xff);
    if (access.bytes === 2) uartWrite(uart, offset + 1, (access.value >>> 8) & 0xff);
  }
  return 0;
}
