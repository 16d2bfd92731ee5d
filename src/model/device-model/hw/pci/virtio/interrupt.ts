import { VirtioIsr } from "../../../../abi/virtio.ts";
import { station } from "../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../chain/stations/device-model.ts";
import { pciLintrAssert } from "../lintr.ts";
import { pciGenerateMsi } from "../msi.ts";
import { pciGenerateMsix, pciMsixEnabled } from "../msix.ts";
import type { VirtioBase } from "./base.ts";
import type { VirtioVqInfo } from "./virtqueue.ts";

/** Tells the guest about used buffers: MSI-X if it is enabled, else the ISR bit with MSI and INTx (include/virtio.h). */
export const vqInterrupt = station(
  stations.vq_interrupt,
  (base: VirtioBase, vq: VirtioVqInfo): void => {
    if (pciMsixEnabled(base.dev)) {
      pciGenerateMsix(base.dev, vq.msixIdx);
      return;
    }
    base.isr |= VirtioIsr.QUEUES;
    pciGenerateMsi(base.dev, 0);
    pciLintrAssert(base.dev);
  },
  (emit, base, vq) => emit(vq.num, vq.msixIdx, pciMsixEnabled(base.dev) ? 1 : 0),
);
