import { vringDesc } from "../../../../../../abi/virtio.ts";
import { VIRTIO_PCI_VRING_ALIGN, vringSize, vringUsedOffset } from "../../../../../../abi/virtio-legacy.ts";
import { station } from "../../../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../../../chain/stations/device-model.ts";
import { prErr } from "../../../../../core/log.ts";
import { NULL, paddrGuest2host } from "../../../../../core/vmmapi.ts";
import type { VirtioBase } from "../../base.ts";
import { legacyOf } from "./state.ts";

/**
 * The guest has given the selected queue its page. Page 0 is as good as any other. When the ring does not fit into
 * RAM the queue becomes unusable; its addresses stay what they were.
 */
export const virtioVqInit = station(
  stations.virtio_vq_init,
  (base: VirtioBase, pfn: number): void => {
    const legacy = legacyOf(base);
    const vq = base.queues[legacy.curq];
    legacy.pfn[vq.num] = pfn;
    const ring = paddrGuest2host(base.vmctx, pfn * VIRTIO_PCI_VRING_ALIGN, vringSize(vq.qsize, VIRTIO_PCI_VRING_ALIGN));
    if (ring === NULL) {
      vq.allocated = false;
      prErr(base, "virtio_vq_init: vq enable failed");
      return;
    }
    vq.desc = ring;
    vq.avail = ring + vq.qsize * vringDesc.size;
    vq.used = ring + vringUsedOffset(vq.qsize, VIRTIO_PCI_VRING_ALIGN);
    vq.lastAvail = 0;
    vq.saveUsed = 0;
    vq.allocated = true;
  },
  (emit, base, pfn) => emit(legacyOf(base).curq, pfn),
);
