import { station } from "../../../../../chain/announce.ts";
import { EAGAIN, EBADF, ECONNRESET } from "../../../../../util/errno.ts";
import { type Occurrences, prErr, prWarn } from "../../../../core/log.ts";
import { type Mevent, meventAdd, meventDisable } from "../../../../core/mevent.ts";
import { vqEndchains, vqGetchain, vqHasDescs, vqRelchain, vqRetchain, vqRingReady } from "../vq.ts";
import {
  type ConsoleBackend,
  isSocketClient,
  isSocketServer,
  virtioConsoleResetBackend,
  virtioConsoleSocketClear,
} from "./backend.ts";
import { virtioConsolePortToVq } from "./ports.ts";
import { stations } from "./stations.ts";

/** Input from the host, in the event loop (devicemodel/hw/pci/virtio/virtio_console.c). */

/** What is thrown away at once. */
const DUMMY_SIZE = 2048;

/**
 * The backend has something. Before the guest has set up the port, and while it has no buffer, input is thrown away
 * (the product's own terminal keeps it for later: an extension); else each buffer takes what one read gives. End of file ends a socket's connection.
 */
const virtioConsoleBackendRead = station(
  stations.virtio_console_backend_read,
  (be: ConsoleBackend): void => {
    const { port } = be;
    if (port === undefined) return;
    const vq = virtioConsolePortToVq(port, true);
    if (!be.open || !port.rxReady || !vqRingReady(vq)) {
      if (be.fd?.defer?.() !== true && throwAway(be, be.drops.notReady) === 0) close(be, 0);
    } else if (!vqHasDescs(vq)) {
      const length = be.fd?.defer?.() === true ? -EAGAIN : throwAway(be, be.drops.noBuffer);
      vqEndchains(vq, true);
      if (length === 0) close(be, 0);
    } else {
      fillBuffers(be);
    }
  },
  (emit, be) => emit(be.port?.id ?? -1, be.open ? 1 : 0, be.port?.rxReady === true ? 1 : 0),
);

function read(be: ConsoleBackend, into: Uint8Array): number {
  const length = be.fd?.read(into) ?? -EBADF;
  if (length > 0) be.bytesRead += length;
  return length;
}

function throwAway(be: ConsoleBackend, drops: Occurrences): number {
  const length = read(be, new Uint8Array(DUMMY_SIZE));
  if (length > 0) drops.note(be, length);
  return length;
}

function fillBuffers(be: ConsoleBackend): void {
  const { console, port } = be;
  if (port === undefined) return;
  const vq = virtioConsolePortToVq(port, true);
  const chain = console.inChain;
  do {
    if (vqGetchain(vq, chain) < 1) {
      prErr(be, "virtio_console_backend_read: fail to getchain!");
      break;
    }
    const { bytes } = chain.iov[0];
    const length = bytes.length === 0 ? 0 : read(be, bytes);
    if (length <= 0) {
      vqRetchain(vq);
      vqEndchains(vq, false);
      if (length === 0 || length === -ECONNRESET) clear(be, length);
      else if (length !== -EAGAIN) close(be, length);
      return;
    }
    vqRelchain(vq, chain.idx, length);
  } while (vqHasDescs(vq));
  vqEndchains(vq, true);
}

function close(be: ConsoleBackend, length: number): void {
  virtioConsoleResetBackend(be);
  reportClose(be, length);
  clear(be, length);
  if (isSocketServer(be)) {
    prWarn(
      be,
      `vtcon: port ${be.port?.name ?? ""} accepts nobody any more, as in acrn-dm: its client left while the guest had no buffers for its input, and that closes the whole backend`,
    );
  }
}

function reportClose(be: ConsoleBackend, length: number): void {
  prErr(be, `vtcon: be read failed and close! len = ${length < 0 ? -1 : length}, errno = ${Math.abs(length)}`);
}

/** A server waits for the next client, a client is closed, other backends go on. */
function clear(be: ConsoleBackend, length: number): void {
  if (isSocketServer(be)) {
    virtioConsoleSocketClear(be);
  } else if (isSocketClient(be)) {
    virtioConsoleResetBackend(be);
    reportClose(be, length);
  }
}

/** Somebody connects. An earlier connection stays watched, but what is read from then on is the new one's. */
const virtioConsoleAcceptNewConnection = station(
  stations.virtio_console_accept_new_connection,
  (be: ConsoleBackend): void => {
    const accepted = be.serverFd?.accept() ?? -EBADF;
    if (typeof accepted === "number") {
      prErr(be, `accept error= ${-accepted}, addr.sun_path=${be.portpath}`);
      return;
    }
    be.fd = accepted;
    be.connEvp = meventAdd(be.vmctx, accepted, watchInput, be);
    if (be.connEvp === undefined) prErr(be, "accepted fd mevent_add failed");
  },
  (emit, be) => emit(be.port?.id ?? -1),
);

/**
 * The event of a readable backend. Where acrn-dm would run its event loop in circles, reading nothing from a file that
 * stays readable (end of file of a terminal, a connection replaced by another), the file is no longer watched:
 * a difference to acrn-dm, which would burn a CPU while the guest runs on.
 */
export function watchInput(be: ConsoleBackend, mevp: Mevent): void {
  const before = progress(be);
  virtioConsoleBackendRead(be);
  if (progress(be) === before) stopSpinning(be, mevp);
}

/** Changes when bytes were read or a buffer was used up, be it a malformed one. */
function progress(be: ConsoleBackend): number {
  const lastAvail = be.port === undefined ? 0 : virtioConsolePortToVq(be.port, true).lastAvail;
  return be.bytesRead * 2 ** 16 + lastAvail;
}

/** The event of a listening socket. */
export function watchListener(be: ConsoleBackend, mevp: Mevent): void {
  const before = be.fd;
  virtioConsoleAcceptNewConnection(be);
  if (be.fd === before) stopSpinning(be, mevp);
}

function stopSpinning(be: ConsoleBackend, mevp: Mevent): void {
  if (!mevp.state || !mevp.file.readable || be.evp === undefined) return;
  meventDisable(be.vmctx, mevp);
  prWarn(be, `vtcon: ${be.beType} backend is no longer watched (acrn-dm's event loop would spin on it)`);
}
