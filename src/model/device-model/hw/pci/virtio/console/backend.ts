import { station } from "../../../../../chain/announce.ts";
import type { Chain } from "../../../../../chain/chain.ts";
import type { HostFile, HostListener, HostPty, Log } from "../../../../../doors/host.ts";
import { declareState, outside, part, plain, shown, wiring } from "../../../../../inspect/state.ts";
import { EAGAIN, EBADF, ENOTCONN } from "../../../../../util/errno.ts";
import { Occurrences, prErr } from "../../../../core/log.ts";
import { type Mevent, meventDelete, meventDisable } from "../../../../core/mevent.ts";
import type { Vmctx } from "../../../../core/vmctx.ts";
import type { Iovec } from "../vq.ts";
import type { ConsolePort, VirtioConsole } from "./console.ts";
import type { BackendType, PortOption } from "./parse.ts";
import { stations } from "./stations.ts";

/** A port's end on the host, and the guest's output to it (devicemodel/hw/pci/virtio/virtio_console.c). */

/** `struct virtio_console_backend`. */
export class ConsoleBackend {
  static readonly state = declareState<ConsoleBackend>(
    "device-model.ConsoleBackend",
    {
      chain: wiring,
      log: wiring,
      vmctx: wiring,
      console: wiring,
      beType: shown(wiring, undefined, { name: "type" }),
      portpath: shown(wiring, undefined, { name: "path" }),
      socketType: wiring,
      port: plain,
      fd: shown(outside, "there is somewhere to write to", { name: "connected", as: (fd) => fd !== undefined }),
      serverFd: outside,
      pty: outside,
      evp: plain,
      connEvp: plain,
      open: plain,
      bytesRead: shown(plain, "taken from the host"),
      bytesWritten: shown(plain, "taken by the host"),
      drops: part,
    },
    { type: "struct virtio_console_backend" },
  );
  readonly chain: Chain;
  readonly log: Log;
  readonly vmctx: Vmctx;
  readonly console: VirtioConsole;
  readonly beType: BackendType;
  readonly portpath: string | undefined;
  readonly socketType: string | undefined;
  /** Set once the port exists. */
  port: ConsolePort | undefined;
  /** Where bytes come from and go to; undefined is acrn-dm's -1. */
  fd: HostFile | undefined;
  /** The listening socket of a server. */
  serverFd: HostListener | undefined;
  pty: HostPty | undefined;
  /** Watches `fd`, or the listening socket. */
  evp: Mevent | undefined;
  /** Watches the accepted connection. */
  connEvp: Mevent | undefined;
  open = false;
  /** Bytes taken from the host, given to the guest or not, and bytes the host took. */
  bytesRead = 0;
  bytesWritten = 0;
  /** What acrn-dm drops without a word. */
  readonly drops = {
    closed: new Occurrences("vtcon: output of the guest dropped, the backend is closed"),
    busy: new Occurrences("vtcon: output of the guest dropped, the backend takes nothing or nobody is connected"),
    short: new Occurrences("vtcon: rest of the guest's output dropped after a short write"),
    notReady: new Occurrences("vtcon: input dropped, the guest has not set up the port yet"),
    noBuffer: new Occurrences("vtcon: input dropped, the guest has no buffer for it"),
  };

  constructor(console: VirtioConsole, option: PortOption) {
    this.chain = console.chain;
    this.log = console.log;
    this.vmctx = console.vmctx;
    this.console = console;
    this.beType = option.type;
    this.portpath = option.portpath;
    this.socketType = option.socketType;
  }
}

/** A socket without a type is a server. */
export function isSocketServer(be: ConsoleBackend): boolean {
  return be.beType === "socket" && (be.socketType === undefined || be.socketType === "server");
}
export function isSocketClient(be: ConsoleBackend): boolean {
  return be.beType === "socket" && be.socketType === "client";
}

/** Stops watching and closes, standard input excepted; the port stays silent from then on. */
export const virtioConsoleResetBackend = station(
  stations.virtio_console_reset_backend,
  (be: ConsoleBackend): void => {
    if (be.evp !== undefined) meventDisable(be.vmctx, be.evp);
    if (be.beType !== "stdio") be.fd?.close();
    be.fd = undefined;
    be.open = false;
  },
  (emit, be) => emit(be.port?.id ?? -1),
);

/** Ends a server's connection; the listening socket goes on. */
export const virtioConsoleSocketClear = station(
  stations.virtio_console_socket_clear,
  (be: ConsoleBackend): void => {
    if (be.connEvp !== undefined) meventDelete(be.vmctx, be.connEvp);
    be.connEvp = undefined;
    be.fd?.close();
    be.fd = undefined;
  },
  (emit, be) => emit(be.port?.id ?? -1),
);

/**
 * Writes a buffer with one call; what the host does not take is lost. Nobody connected, or no room: dropped. Any other
 * error closes the backend, and so does a buffer of length 0, whose write returns 0.
 */
export const virtioConsoleBackendWrite = station(
  stations.virtio_console_backend_write,
  (port: ConsolePort, iov: Iovec): void => {
    const be = port.backend;
    if (be === undefined) return;
    const { length } = iov.bytes;
    if (be.fd === undefined) {
      be.drops.closed.note(be, length);
      return;
    }
    const written = length === 0 ? 0 : be.fd.write(iov.bytes);
    if (written > 0) {
      be.bytesWritten += written;
      if (written < length) be.drops.short.note(be, length - written);
    } else {
      writeFailed(be, written, length);
    }
  },
  (emit, port, iov) => emit(port.id, iov.bytes.length),
);

function writeFailed(be: ConsoleBackend, result: number, length: number): void {
  if (result === -EAGAIN || result === -ENOTCONN) {
    be.drops.busy.note(be, length);
  } else if (result === -EBADF && isSocketServer(be)) {
    virtioConsoleSocketClear(be);
  } else {
    virtioConsoleResetBackend(be);
    prErr(be, `vtcon: be write failed! errno = ${Math.abs(result)}`);
  }
}
