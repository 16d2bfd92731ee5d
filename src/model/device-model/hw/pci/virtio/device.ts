import {
  legacyConfigOffset,
  VIRTIO_MSI_NO_VECTOR,
  VIRTIO_PCI_VRING_ALIGN,
  VirtioStatus,
  vringDesc,
  vringSize,
  vringUsedOffset,
} from "../../../../abi/virtio.ts";
import { station } from "../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../chain/stations/device-model.ts";
import { prErr, prWarn } from "../../../core/log.ts";
import { NULL, paddrGuest2host } from "../../../core/vmmapi.ts";
import { pciEmulAllocBar } from "../bar.ts";
import { pciLintrDeassert, pciLintrRequest } from "../lintr.ts";
import { pciEmulAddMsicap } from "../msi.ts";
import { pciEmulAddMsixcap } from "../msix.ts";
import type { VirtioBase } from "./base.ts";
import { virtioSetIothread } from "./iothread.ts";

/** Set-up, reset and status of a virtio device (devicemodel/hw/pci/virtio/virtio.c). */

/** Ties the common part to its PCI function. */
export const virtioLinkup = station(
  stations.virtio_linkup,
  (base: VirtioBase): void => {
    base.dev.arg = base;
  },
  (emit, base) => emit(base.vops.nvq),
);

/**
 * Erases all queues, the negotiated features and the vectors, and releases the INTx line. The rings' addresses stay
 * where they were, and so does everything the device keeps for itself.
 */
export const virtioResetDev = station(stations.virtio_reset_dev, (base: VirtioBase): void => {
  if (base.iothread) virtioSetIothread(base, false);
  for (const vq of base.queues) {
    vq.allocated = false;
    vq.lastAvail = 0;
    vq.saveUsed = 0;
    vq.pfn = 0;
    vq.msixIdx = VIRTIO_MSI_NO_VECTOR;
  }
  base.negotiatedCaps = 0;
  base.curq = 0;
  if (base.isr !== 0) pciLintrDeassert(base.dev);
  base.isr = 0;
  base.msixCfgIdx = VIRTIO_MSI_NO_VECTOR;
});

/** The legacy register block in I/O BAR `barnum`, as large as with MSI-X. */
export const virtioSetIoBar = station(
  stations.virtio_set_io_bar,
  (base: VirtioBase, barnum: number): void => {
    if (pciEmulAllocBar(base.dev, barnum, "IO", legacyConfigOffset(true) + base.vops.cfgsize) !== 0) {
      prWarn(base, `${base.dev.name}: no ports for its BAR ${barnum}, the guest cannot use it (acrn-dm keeps silent)`);
    }
    base.legacyPioBarIdx = barnum;
  },
  (emit, _base, barnum) => emit(barnum),
);

/** MSI-X (unless `--virtio_msi`) with a vector a queue and one for configuration, MSI with one message, and INTx. */
const virtioIntrInit = station(
  stations.virtio_intr_init,
  (base: VirtioBase, barnum: number, useMsix: boolean): number => {
    base.useMsix = useMsix;
    if (useMsix) {
      virtioResetDev(base);
      if (pciEmulAddMsixcap(base.dev, base.vops.nvq + 1, barnum) !== 0) return -1;
    }
    pciEmulAddMsicap(base.dev, 1);
    pciLintrRequest(base.dev);
    return 0;
  },
  (emit, _base, barnum, useMsix) => emit(barnum, useMsix ? 1 : 0),
);

/** Interrupt capabilities with the MSI-X table in BAR 1. -1 when configuration space is full. */
export const virtioInterruptInit = station(
  stations.virtio_interrupt_init,
  (base: VirtioBase, useMsix: boolean): number => virtioIntrInit(base, 1, useMsix),
  (emit, _base, useMsix) => emit(useMsix ? 1 : 0),
);

/**
 * The guest has given the selected queue its page. Page 0 is as good as any other. When the ring does not fit into
 * RAM the queue becomes unusable; its addresses stay what they were.
 */
export const virtioVqInit = station(
  stations.virtio_vq_init,
  (base: VirtioBase, pfn: number): void => {
    const vq = base.queues[base.curq];
    vq.pfn = pfn;
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
  (emit, base, pfn) => emit(base.curq, pfn),
);

/** The guest wrote the status: 0 resets the device, DRIVER_OK hands its queues to their iothreads. */
export const virtioPciStatusHandler = station(
  stations.virtio_pci_status_handler,
  (base: VirtioBase, value: number): void => {
    if (value === 0) base.vops.reset(base);
    if (base.iothread) virtioSetIothread(base, (value & VirtioStatus.DRIVER_OK) !== 0);
  },
  (emit, _base, value) => emit(value),
);
