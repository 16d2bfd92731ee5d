import type { StateTable } from "../../../../../inspect/saved-state.ts";
import { ConsoleBackend, virtioConsoleBackendWrite } from "./backend.ts";
import { watchInput, watchListener } from "./backend-read.ts";
import { virtioConsoleTeardownBackend } from "./close-backend.ts";
import { ConsolePort, VirtioConsole } from "./console.ts";
import { virtioConsoleControlTx } from "./control.ts";

/** What a console saves. */
export const virtioConsoleState: StateTable = {
  classes: [VirtioConsole, ConsolePort, ConsoleBackend],
  named: {
    virtio_console_accept_new_connection: watchListener,
    virtio_console_backend_read: watchInput,
    virtio_console_backend_write: virtioConsoleBackendWrite,
    virtio_console_control_tx: virtioConsoleControlTx,
    virtio_console_teardown_backend: virtioConsoleTeardownBackend,
  },
};
