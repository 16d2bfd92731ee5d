import { station } from "../../../../../chain/announce.ts";
import type { HostFile } from "../../../../../doors/host.ts";
import { ENOENT } from "../../../../../util/errno.ts";
import { prAnnouncement, prErr } from "../../../../core/log.ts";
import { type ConsoleBackend, isSocketServer } from "./backend.ts";
import { stations } from "./stations.ts";
import { unconnectedSocket } from "./unconnected.ts";

/** Opening and preparing backends (devicemodel/hw/pci/virtio/virtio_console.c). */

/** Opens the backend's file. Undefined with the reason in the log. A socket is made here and connected later. */
export const virtioConsoleOpenBackend = station(
  stations.virtio_console_open_backend,
  (be: ConsoleBackend, portname: string): HostFile | undefined => {
    const { host } = be.vmctx;
    const path = be.portpath ?? "";
    switch (be.beType) {
      case "pty":
        return openPty(be);
      case "stdio":
        return openStdio(be);
      case "tty":
        return openTty(be, path);
      case "file":
        return opened(be, path, host.openAppend(path));
      case "socket":
        return unconnectedSocket();
      case "workbench":
        return host.workbenchPort(portname);
    }
  },
);

function opened(be: ConsoleBackend, path: string, file: HostFile | number): HostFile | undefined {
  if (typeof file !== "number") return file;
  prErr(be, `vtcon: open failed: ${path}`);
  return undefined;
}

function openPty(be: ConsoleBackend): HostFile | undefined {
  const pty = be.vmctx.host.openPty();
  if (typeof pty === "number") {
    prErr(be, `vtcon: posix_openpt failed, errno = ${-pty}`);
    return undefined;
  }
  be.pty = pty;
  return pty.master;
}

/** Standard input serves one device of the whole process. */
function openStdio(be: ConsoleBackend): HostFile | undefined {
  const { vmctx } = be;
  if (vmctx.stdioInUse) {
    prErr(be, "vtcon: stdio is used by other device");
    return undefined;
  }
  vmctx.stdioInUse = true;
  return vmctx.host.stdin();
}

function openTty(be: ConsoleBackend, path: string): HostFile | undefined {
  const file = opened(be, path, be.vmctx.host.openTty(path));
  if (file === undefined || file.isTty) return file;
  prErr(be, `vtcon: not a tty: ${path}`);
  file.close();
  return undefined;
}

/** Says where the pty is, binds or connects the socket. Raw mode and non-blocking are the host's. 0 or -1. */
export const virtioConsoleConfigBackend = station(
  stations.virtio_console_config_backend,
  (be: ConsoleBackend): number => {
    if (be.pty !== undefined) {
      const line = "*".repeat(47);
      for (const text of [line, `virt-console backend redirected to ${be.pty.slave}`, line]) prAnnouncement(be, text);
    }
    return be.beType === "socket" ? configSocket(be) : 0;
  },
);

function configSocket(be: ConsoleBackend): number {
  if (be.portpath === undefined) return failed(be, "vtcon: portpath is NULL");
  if (isSocketServer(be)) {
    const listener = be.vmctx.host.listenUnix(be.portpath);
    if (typeof listener === "number") return failed(be, `Bind Error = ${-listener}`);
    be.serverFd = listener;
    return 0;
  }
  if (be.socketType !== "client") return failed(be, "Socket type not exist");
  const connection = be.vmctx.host.connectUnix(be.portpath);
  if (connection === -ENOENT) return failed(be, `${be.portpath} not exist`);
  if (typeof connection === "number") prErr(be, `vtcon: connect error[${-connection}]`);
  else be.fd = connection;
  return 0;
}

function failed(be: ConsoleBackend, message: string): -1 {
  prErr(be, message);
  return -1;
}
