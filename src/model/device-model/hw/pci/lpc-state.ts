import type { StateTable } from "../../../inspect/saved-state.ts";
import { FileBackend, uartBackendDrain, uartBackendTeardown } from "../uart/backend.ts";
import { RxFifo } from "../uart/rx-fifo.ts";
import { Uart } from "../uart/uart.ts";
import { LpcUart, LpcUarts, lpcUartIoHandler } from "./lpc-uart.ts";

/** What the LPC bridge saves. */
export const lpcState: StateTable = {
  classes: [LpcUarts, LpcUart, Uart, RxFifo, FileBackend],
  named: {
    lpc_uart_io_handler: lpcUartIoHandler,
    uart_drain: uartBackendDrain,
    uart_release_backend: uartBackendTeardown,
  },
};
