import { VIRTIO_MSI_NO_VECTOR, VirtioStatus } from "../../../../abi/virtio.ts";
import { NO_FEATURES } from "../../../../abi/virtio-features.ts";
import { station } from "../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../chain/stations/device-model.ts";
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
    vq.msixIdx = VIRTIO_MSI_NO_VECTOR;
  }
  base.transport?.reset();
  base.negotiatedCaps = NO_FEATURES;
  if (base.isr !== 0) pciLintrDeassert(base.dev);
  base.isr = 0;
  base.msixCfgIdx = VIRTIO_MSI_NO_VECTOR;
});

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

/** The guest wrote the status: the device is told, 0 resets it, DRIVER_OK hands its queues to their iothreads. */
export const virtioPciStatusHandler = station(
  stations.virtio_pci_status_handler,
  (base: VirtioBase, value: number): void => {
    base.vops.setStatus?.(base, value);
    if (value === 0) base.vops.reset(base);
    if (base.iothread) virtioSetIothread(base, (value & VirtioStatus.DRIVER_OK) !== 0);
  },
  (emit, _base, value) => emit(value),
);
