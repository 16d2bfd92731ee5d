import type { HostFile } from "../../../doors/host.ts";
import { prErr } from "../../core/log.ts";
import { type Mevent, meventAdd, meventDelete, meventDisable, meventEnable } from "../../core/mevent.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import { Uart, type UartBackend, type UartLine, uartDrain } from "./uart.ts";

/** Backends of a UART (devicemodel/hw/uart_core.c: struct uart_backend): stdio, or a terminal by its path. */

/** Bytes read at once when unread input is thrown away. */
const FLUSH_SIZE = 32;

class FileBackend implements UartBackend {
  readonly #ctx: Vmctx;
  readonly #file: HostFile;
  readonly #byte = new Uint8Array(1);
  #evp: Mevent | undefined;

  constructor(ctx: Vmctx, file: HostFile) {
    this.#ctx = ctx;
    this.#file = file;
  }

  /** Watches a terminal for input; acrn-dm leaves other files alone, which epoll would refuse. False on an error. */
  watch(drain: () => void, teardown: () => void): boolean {
    if (!this.#file.isTty) return true;
    this.#evp = meventAdd(this.#ctx, this.#file, drain, teardown);
    return this.#evp !== undefined;
  }

  read(): number {
    return this.#file.read(this.#byte) > 0 ? this.#byte[0] : -1;
  }

  write(byte: number): void {
    this.#byte[0] = byte;
    this.#file.write(this.#byte);
  }

  flush(): void {
    const scrap = new Uint8Array(FLUSH_SIZE);
    while (this.#file.read(scrap) === FLUSH_SIZE);
    this.enable(true);
  }

  enable(on: boolean): void {
    if (this.#evp === undefined) return;
    if (!on) meventDisable(this.#ctx, this.#evp);
    else if (meventEnable(this.#ctx, this.#evp) < 0) prErr(this.#ctx, "mevent enable error");
  }

  /** Ends the watch, whose teardown does the rest; false when there is none. */
  unwatch(): boolean {
    if (this.#evp === undefined) return false;
    meventDelete(this.#ctx, this.#evp);
    this.#evp = undefined;
    return true;
  }
}

/** A UART on its backend. */
export interface BackedUart {
  readonly uart: Uart;
  /** Closes the backend. */
  release(): void;
}

/**
 * Makes a UART whose backend `opts` names: "stdio", else the path of a terminal; without one, output is lost.
 * Undefined, with the reason in the log, when the backend cannot be opened. That Ctrl-a x on stdio ends acrn-dm is left
 * to the program that holds the terminal.
 */
export function uartSetBackend(ctx: Vmctx, line: UartLine, opts: string | undefined): BackedUart | undefined {
  const uart = new Uart(line);
  if (opts === undefined) return { uart, release: () => {} };
  const file = opts === "stdio" ? openStdio(ctx) : openTty(ctx, opts);
  if (file === undefined) {
    prErr(ctx, "uart: open_backend failed");
    return undefined;
  }
  const teardown = (): void => {
    uart.backend = undefined;
    if (opts === "stdio") ctx.stdioInUse = false;
    else file.close();
  };
  const backend = new FileBackend(ctx, file);
  if (!backend.watch(() => uartDrain(uart), teardown)) {
    prErr(ctx, "uart: mevent_add failed");
    prErr(ctx, "uart: config_backend failed");
    teardown();
    return undefined;
  }
  uart.backend = backend;
  return {
    uart,
    release: () => {
      if (!backend.unwatch()) teardown();
    },
  };
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
