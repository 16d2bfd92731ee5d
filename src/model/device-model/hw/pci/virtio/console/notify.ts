import { VRING_USED_F_NO_NOTIFY, vringUsed } from "../../../../../abi/virtio.ts";
import { station } from "../../../../../chain/announce.ts";
import { prErr } from "../../../../core/log.ts";
import type { VirtioBase } from "../base.ts";
import type { VirtioVqInfo } from "../virtqueue.ts";
import { vqEndchains, vqGetchain, vqHasDescs, vqRelchain } from "../vq.ts";
import { consoleOf } from "./console.ts";
import { virtioConsoleVqToPort } from "./ports.ts";
import { stations } from "./stations.ts";

/** The kicks (devicemodel/hw/pci/virtio/virtio_console.c). */

/** Odd queues, guest to host: every available chain goes to the port and back to the guest, then one interrupt. */
export const virtioConsoleNotifyTx = station(
  stations.virtio_console_notify_tx,
  (base: VirtioBase, vq: VirtioVqInfo): void => {
    const console = consoleOf(base);
    const port = virtioConsoleVqToPort(console, vq);
    const chain = console.outChain;
    while (vqHasDescs(vq)) {
      if (vqGetchain(vq, chain) < 1) {
        prErr(base, "virtio_console_notify_tx: fail to getchain!");
        break;
      }
      const iov = chain.iov[0];
      if (port.cb !== undefined) port.cb(port, iov);
      else console.drops.noPort.note(base, iov.bytes.length);
      vqRelchain(vq, chain.idx, 0);
    }
    vqEndchains(vq, true);
  },
  (emit, _base, vq) => emit(vq.num, vq.lastAvail),
);

/**
 * Even queues, host to guest: the first kick says that the guest has input buffers, and is answered with NO_NOTIFY if
 * it has. Nothing takes that back, and nothing is read here: input comes through the event loop.
 */
export const virtioConsoleNotifyRx = station(
  stations.virtio_console_notify_rx,
  (base: VirtioBase, vq: VirtioVqInfo): void => {
    const port = virtioConsoleVqToPort(consoleOf(base), vq);
    if (port.rxReady) return;
    port.rxReady = true;
    if (!vqHasDescs(vq)) return;
    const { view } = base.memory;
    const flags = vq.used + vringUsed.at.flags;
    view.setUint16(flags, view.getUint16(flags, true) | VRING_USED_F_NO_NOTIFY, true);
  },
  (emit, base, vq) => emit(vq.num, virtioConsoleVqToPort(consoleOf(base), vq).rxReady ? 1 : 0),
);
