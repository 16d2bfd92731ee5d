import type { HostFile } from "../../../doors/host.ts";
import { declareState, derived, outside, plain, wiring } from "../../../inspect/state.ts";
import { prErr } from "../../core/log.ts";
import { type Mevent, meventAdd, meventDelete, meventDisable, meventEnable } from "../../core/mevent.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { Uart, type UartBackend, type UartLine, uartDrain } from "./uart.ts";

/** Backends of a UART (devicemodel/hw/uart_core.c: struct uart_backend): stdio, or a terminal by its path. */

/** Bytes read at once when unread input is thrown away. */
const FLUSH_SIZE = 32;

export class FileBackend implements UartBackend {
  static readonly state = declareState<FileBackend>("device-model.FileBackend", {
    ctx: wiring,
    uart: wiring,
    file: outside,
    isStdio: wiring,
    byte: derived,
    evp: plain,
  });
  readonly ctx: Vmctx;
  readonly uart: Uart;
  readonly file: HostFile;
  readonly isStdio: boolean;
  readonly byte = new Uint8Array(1);
  evp: Mevent | undefined;

  constructor(ctx: Vmctx, uart: Uart, file: HostFile, isStdio: boolean) {
    this.ctx = ctx;
    this.uart = uart;
    this.file = file;
    this.isStdio = isStdio;
  }

  /** Watches a terminal for input; acrn-dm leaves other files alone, which epoll would refuse. False on an error. */
  watch(): boolean {
    if (!this.file.isTty) return true;
    this.evp = meventAdd(this.ctx, this.file, uartBackendDrain, this, uartBackendTeardown);
    return this.evp !== undefined;
  }

  read(): number {
    return this.file.read(this.byte) > 0 ? this.byte[0] : -1;
  }

  write(byte: number): void {
    this.byte[0] = byte;
    this.file.write(this.byte);
  }

  flush(): void {
    const scrap = new Uint8Array(FLUSH_SIZE);
    while (this.file.read(scrap) === FLUSH_SIZE);
    this.enable(true);
  }

  enable(on: boolean): void {
    if (this.evp === undefined) return;
    if (!on) meventDisable(this.ctx, this.evp);
    else if (meventEnable(this.ctx, this.evp) < 0) prErr(this.ctx, "mevent enable error");
  }

  /** Ends the watch, whose teardown does the rest. */
  release(): void {
    const { evp } = this;
    this.evp = undefined;
    if (evp === undefined) uartBackendTeardown(this);
    else meventDelete(this.ctx, evp);
  }
}

export const uartBackendDrain = ({ uart }: FileBackend): void => uartDrain(uart);

export function uartBackendTeardown({ ctx, uart, file, isStdio }: FileBackend): void {
  uart.backend = undefined;
  if (isStdio) ctx.stdioInUse = false;
  else file.close();
}

/**
 * Makes a UART whose backend `opts` names: "stdio", else the path of a terminal; without one, output is lost.
 * Undefined, with the reason in the log, when the backend cannot be opened. That Ctrl-a x on stdio ends acrn-dm is left
 * to the program that holds the terminal.
 */
export function uartSetBackend(ctx: Vmctx, line: UartLine, opts: string | undefined): Uart | undefined {
  const uart = new Uart(line);
  if (opts === undefined) return uart;
  const file = opts === "stdio" ? openStdio(ctx) : openTty(ctx, opts);
  if (file === undefined) {
    prErr(ctx, "uart: open_backend failed");
    return undefined;
  }
  const backend = new FileBackend(ctx, uart, file, opts === "stdio");
  if (!backend.watch()) {
    prErr(ctx, "uart: mevent_add failed");
    prErr(ctx, "uart: config_backend failed");
    uartBackendTeardown(backend);
    return undefined;
  }
  uart.backend = backend;
  return uart;
}

/** Standard input serves one device of the whole process. */
function openStdio(ctx: Vmctx): HostFile | undefined {
  if (ctx.stdioInUse) {
    prErr(ctx, "uart: stdio is used by other device");
    return undefined;
  }
  ctx.stdioInUse = true;
  return ctx.host.stdin();
}

function openTty(ctx: Vmctx, path: string): HostFile | undefined {
  const file = ctx.host.openTty(path);
  if (typeof file === "number") {
    prErr(ctx, `uart: open failed: ${path}`);
    return undefined;
  }
  if (file.isTty) return file;
  prErr(ctx, `uart: not a tty: ${path}`);
  file.close();
  return undefined;
}
