import { station } from "../../../../../chain/announce.ts";
import { prErr } from "../../../../core/log.ts";
import { type Mevent, meventAdd } from "../../../../core/mevent.ts";
import { ConsoleBackend, isSocketClient, isSocketServer, virtioConsoleBackendWrite } from "./backend.ts";
import { watchInput, watchListener } from "./backend-read.ts";
import { virtioConsoleTeardownBackend } from "./close-backend.ts";
import type { VirtioConsole } from "./console.ts";
import { virtioConsoleConfigBackend, virtioConsoleOpenBackend } from "./open-backend.ts";
import type { PortOption } from "./parse.ts";
import { virtioConsoleAddPort, virtioConsoleOpenPort } from "./ports.ts";
import { stations } from "./stations.ts";

/** From a port's option to a port with a backend (devicemodel/hw/pci/virtio/virtio_console.c). */

/** All ports of the option. -1 at the first that fails. */
export const virtioConsoleAddBackends = station(
  stations.virtio_console_add_backends,
  (console: VirtioConsole, options: readonly PortOption[]): number => {
    for (const option of options) if (virtioConsoleAddBackend(console, option) !== 0) return -1;
    return 0;
  },
);

/** One port. -1 with the reason in the log; its file is closed then, but standard input stays taken. */
const virtioConsoleAddBackend = station(
  stations.virtio_console_add_backend,
  (console: VirtioConsole, option: PortOption): number => {
    const be = new ConsoleBackend(console, option);
    be.fd = virtioConsoleOpenBackend(be, option.portname);
    if (be.fd === undefined) return -1;
    if (virtioConsoleConfigBackend(be) < 0) return undo(be, "vtcon: virtio_console_config_backend failed");
    const { portname: name, isConsole } = option;
    be.port = virtioConsoleAddPort(console, { name, cb: virtioConsoleBackendWrite, backend: be, isConsole });
    if (be.port === undefined) return undo(be, "vtcon: virtio_console_add_port failed");
    if (!watch(be)) {
      be.port.enabled = false;
      be.port.backend = undefined;
      return undo(be, "vtcon: mevent_add failed");
    }
    virtioConsoleOpenPort(be.port, true);
    be.open = true;
    return 0;
  },
  (emit, console) => emit(console.nports),
);

function failed(console: VirtioConsole, message: string): -1 {
  prErr(console, message);
  return -1;
}

function undo(be: ConsoleBackend, message: string): -1 {
  if (be.beType !== "stdio") be.fd?.close();
  be.serverFd?.close();
  return failed(be.console, message);
}

/**
 * Watches for input: a server's listening socket, a client's connection, and every other backend that is a terminal.
 * A file is for writing only. False when the event cannot be added.
 */
function watch(be: ConsoleBackend): boolean {
  const { vmctx, fd, serverFd } = be;
  const teardown = virtioConsoleTeardownBackend;
  let evp: Mevent | undefined;
  if (isSocketServer(be) && serverFd !== undefined) {
    evp = meventAdd(vmctx, serverFd, watchListener, be, teardown);
  } else if (
    fd !== undefined &&
    be.beType !== "file" &&
    (fd.isTty || isSocketClient(be) || be.beType === "workbench")
  ) {
    evp = meventAdd(vmctx, fd, watchInput, be, teardown);
  } else {
    return true;
  }
  be.evp = evp;
  if (evp !== undefined) be.console.refCount++;
  return evp !== undefined;
}
