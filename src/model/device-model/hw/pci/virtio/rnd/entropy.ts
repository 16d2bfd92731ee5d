import { station, stationThread } from "../../../../../chain/announce.ts";
import { EAGAIN, EBADF } from "../../../../../util/errno.ts";
import { prErr, prWarn } from "../../../../core/log.ts";
import type { VirtioBase } from "../base.ts";
import type { VirtioVqInfo } from "../virtqueue.ts";
import { vqEndchains, vqGetchain, vqHasDescs, vqRelchain, vqRetchain } from "../vq.ts";
import { rndOf, type VirtioRnd } from "./rnd.ts";
import { stations } from "./stations.ts";

/** From the kick to the bytes (devicemodel/hw/pci/virtio/virtio_rnd.c). */

/** The kick: nothing is read here, the device's own thread does that. */
export const virtioRndNotify = station(
  stations.virtio_rnd_notify,
  (base: VirtioBase, vq: VirtioVqInfo): void => {
    const rnd = rndOf(base);
    if (!vqHasDescs(vq)) return;
    if (rnd.inProgress) return;
    rnd.failed = false;
    rnd.rxCond.wakeUp(rnd.chain, "pthreadCondSignal");
  },
  (emit, base, vq) => emit(vq.num, vq.lastAvail, rndOf(base).inProgress ? 1 : 0),
);

/**
 * The thread: waits until there are buffers, then fills one after the other. It ends for good when /dev/random has nothing
 * at the moment, as acrn-dm's does.
 */
export const virtioRndGetEntropy = stationThread(stations.virtio_rnd_get_entropy, function* (rnd: VirtioRnd): Generator<
  void,
  void,
  void
> {
  for (;;) {
    rnd.inProgress = false;
    yield* rnd.rxCond.wait(rnd.chain, goesOn, rnd);
    if (rnd.cancelled) return;
    rnd.inProgress = true;
    if (fillBuffers(rnd) === "ends") return;
    vqEndchains(rnd.vq, true);
  }
});

/**
 * After a read that failed acrn-dm would take the same buffer again at once, and for ever; here the thread waits for the
 * next kick.
 */
const goesOn = (rnd: VirtioRnd): boolean => rnd.cancelled || (!rnd.failed && vqHasDescs(rnd.vq));

function fillBuffers(rnd: VirtioRnd): "goes on" | "ends" {
  const { vq, work } = rnd;
  do {
    if (vqGetchain(vq, work) < 1) {
      prErr(rnd, "virtio_rnd_get_entropy: fail to getchain!");
      break;
    }
    const { bytes } = work.iov[0];
    const length = bytes.length === 0 ? 0 : (rnd.fd?.read(bytes) ?? -EBADF);
    if (length <= 0) {
      vqRetchain(vq);
      vqEndchains(vq, false);
      if (length === -EAGAIN) {
        prWarn(rnd, "virtio_rnd: /dev/random has nothing at the moment; the thread ends (acrn-dm keeps silent)");
        return "ends";
      }
      rnd.failed = true;
      prWarn(rnd, `virtio_rnd: a read gave ${length}; the next kick tries again (acrn-dm would try at once, for ever)`);
      break;
    }
    rnd.bytesRead += length;
    vqRelchain(vq, work.idx, length);
  } while (vqHasDescs(vq));
  return "goes on";
}
