import { station } from "../../../../../chain/announce.ts";
import { meventDelete } from "../../../../core/mevent.ts";
import { type ConsoleBackend, isSocketServer, virtioConsoleSocketClear } from "./backend.ts";
import type { VirtioConsole } from "./console.ts";
import { stations } from "./stations.ts";

/** The end of backends and of the console (devicemodel/hw/pci/virtio/virtio_console.c). */

const virtioConsoleCloseBackend = station(
  stations.virtio_console_close_backend,
  (be: ConsoleBackend): void => {
    if (be.beType === "stdio") be.vmctx.stdioInUse = false;
    if (isSocketServer(be)) {
      virtioConsoleSocketClear(be);
      be.serverFd?.close();
      be.serverFd = undefined;
    }
    if (be.beType !== "stdio") {
      be.fd?.close();
      be.fd = undefined;
    }
    if (be.port !== undefined) {
      be.port.enabled = false;
      be.port.open = false;
      be.port.cb = undefined;
      be.port.backend = undefined;
    }
  },
  (emit, be) => emit(be.port?.id ?? -1),
);

const virtioConsoleDestroy = ({ base }: VirtioConsole): void => base.vops.reset(base);

/** The backend's event is gone. The console ends with its last one. */
export function virtioConsoleTeardownBackend(be: ConsoleBackend): void {
  virtioConsoleCloseBackend(be);
  be.console.refCount--;
  if (be.console.refCount === 0) virtioConsoleDestroy(be.console);
}

/** `virtio_console_deinit`: without any event there is no teardown that would end the console. */
export function virtioConsoleDeinit(console: VirtioConsole): void {
  if (!virtioConsoleCloseAll(console)) virtioConsoleDestroy(console);
}

/** Closes every port: first those without an event, then those whose event's teardown does it. True if there are such. */
export const virtioConsoleCloseAll = station(stations.virtio_console_close_all, (console: VirtioConsole): boolean => {
  const backends = console.ports.flatMap(({ backend }) => (backend === undefined ? [] : [backend]));
  for (const be of backends) if (be.evp === undefined) virtioConsoleCloseBackend(be);
  const watched = backends.flatMap(({ evp }) => evp ?? []);
  for (const evp of watched) meventDelete(console.vmctx, evp);
  return watched.length > 0;
});
