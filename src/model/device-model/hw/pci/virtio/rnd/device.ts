import { station } from "../../../../../chain/announce.ts";
import { prErr } from "../../../../core/log.ts";
import type { Vmctx } from "../../../../core/vmctx.ts";
import type { DeviceClass } from "../../device-class.ts";
import type { PciVdev } from "../../vdev.ts";
import type { VirtioBase, VirtioOps } from "../base.ts";
import { virtioInterruptInit, virtioLinkup, virtioResetDev } from "../device.ts";
import { setVirtioIds } from "../ids.ts";
import { virtioPciRead, virtioPciWrite } from "../pci.ts";
import { virtioSetIoBar } from "../transport/legacy/transport.ts";
import { driverStations } from "./driver.ts";
import { virtioRndGetEntropy, virtioRndNotify } from "./entropy.ts";
import { type RndOptions, rndOptions } from "./options.ts";
import { rndOf, VIRTIO_RND_RINGSZ, VirtioRnd } from "./rnd.ts";
import { stations } from "./stations.ts";
import { rndView } from "./view.ts";

/** The entropy device as a PCI device, legacy transport only (devicemodel/hw/pci/virtio/virtio_rnd.c). */

const VIRTIO_DEV_RANDOM = 0x1005;
const VIRTIO_TYPE_ENTROPY = 4;
const PCIC_CRYPTO = 0x10;
/** devicemodel/include/virtio_kernel.h */
const VIRTIO_ERROR_FD_OPEN_FAILED = 2;

/** What VBS-K would have to be stopped for: nothing, because it never starts. */
const virtioRndReset = station(stations.virtio_rnd_reset, (base: VirtioBase): void => virtioResetDev(base));

const virtioRndOps: VirtioOps = {
  name: "virtio_rnd",
  nvq: 1,
  cfgsize: 0,
  reset: virtioRndReset,
  qnotify: virtioRndNotify,
};

/** Opens /dev/vbs_rng, which a Service VM's kernel of today does not have. */
const virtioRndKernelInit = station(stations.virtio_rnd_kernel_init, (rnd: VirtioRnd): number => {
  prErr(rnd, "Failed to open /dev/vbs_k_rng!");
  return -VIRTIO_ERROR_FD_OPEN_FAILED;
});

const virtioRndInit = station(
  stations.virtio_rnd_init,
  (ctx: Vmctx, dev: PciVdev, options: RndOptions): number => {
    for (let i = 0; i < options.assignments; i++) prErr(ctx, "virtio_rnd: VBS-K initializing...");
    const fd = ctx.host.openRead("/dev/random");
    if (typeof fd === "number") {
      prErr(ctx, "virtio_rnd: open failed: /dev/random ");
      return -1;
    }
    const rnd = new VirtioRnd(dev, virtioRndOps, fd);
    const { base } = rnd;
    virtioLinkup(base);
    if (options.vbsK) {
      const error = virtioRndKernelInit(rnd);
      prErr(ctx, `virtio_rnd: VBS-K init failed,error ${error}!`);
      virtioLinkup(base);
    }
    rnd.vq.qsize = VIRTIO_RND_RINGSZ;
    setVirtioIds(dev, { device: VIRTIO_DEV_RANDOM, class: PCIC_CRYPTO, type: VIRTIO_TYPE_ENTROPY });
    if (virtioInterruptInit(base, !ctx.config.virtioMsi) !== 0) {
      fd.close();
      return -1;
    }
    virtioSetIoBar(base, 0);
    rnd.rxTid = ctx.kernel.startThread(`vtrnd-${dev.slot}:${dev.func} tx`, "dm.device", virtioRndGetEntropy, rnd);
    return 0;
  },
  (emit, _ctx, dev) => emit(dev.bus, dev.slot, dev.func),
);

/** pthread_cancel and pthread_join: the thread ends when the scheduler runs it next, and touches nothing any more. */
const virtioRndDeinit = station(stations.virtio_rnd_deinit, (rnd: VirtioRnd): void => {
  rnd.cancelled = true;
  rnd.rxCond.wakeUp(rnd.chain, "pthreadCancel");
  rnd.fd?.close();
  rnd.fd = undefined;
  virtioRndReset(rnd.base);
});

const wakesThread = {
  from: "virtio_rnd_notify",
  to: "virtio_rnd_get_entropy",
  how: "pthread_cond_signal: there are buffers to fill",
} as const;

export const virtioRnd: DeviceClass<RndOptions> = {
  className: "virtio-rnd",
  about: "entropy for the guest, from the host's /dev/random",
  options: rndOptions,
  view: rndView,
  queues: 1,
  stations: {
    stations: [...Object.values(driverStations), ...Object.values(stations)],
    handOvers: [wakesThread],
  },
  state: { classes: [VirtioRnd], named: { virtio_rnd_get_entropy: virtioRndGetEntropy } },
  init: virtioRndInit,
  deinit: (_ctx, dev) => virtioRndDeinit(rndOf(dev.arg as VirtioBase)),
  barwrite: virtioPciWrite,
  barread: virtioPciRead,
};
