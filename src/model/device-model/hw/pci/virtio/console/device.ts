import { type Features, featuresNumber, featureWords } from "../../../../../abi/virtio-features.ts";
import { station } from "../../../../../chain/announce.ts";
import { iothreadCreate } from "../../../../core/iothread.ts";
import type { IothreadsChoice } from "../../../../core/iothread-options.ts";
import { prAnnouncement, prErr } from "../../../../core/log.ts";
import type { Vmctx } from "../../../../core/vmctx.ts";
import type { DeviceClass } from "../../device-class.ts";
import type { PciVdev } from "../../vdev.ts";
import type { VirtioBase, VirtioOps } from "../base.ts";
import { virtioInterruptInit, virtioLinkup, virtioResetDev } from "../device.ts";
import { setVirtioIds } from "../ids.ts";
import { virtioPciRead, virtioPciWrite } from "../pci.ts";
import { virtioSetIoBar } from "../transport/legacy/transport.ts";
import { virtioConsoleAddBackends } from "./add-backend.ts";
import { virtioConsoleCloseAll, virtioConsoleDeinit } from "./close-backend.ts";
import { cfgread, fillConfig, VIRTIO_CONSOLE_S_HOSTCAPS } from "./config.ts";
import { consoleOf, VIRTIO_CONSOLE_MAXQ, VIRTIO_CONSOLE_RINGSZ, VirtioConsole } from "./console.ts";
import { virtioConsoleControlTx } from "./control.ts";
import { driverStations } from "./driver.ts";
import { virtioConsoleNotifyRx, virtioConsoleNotifyTx } from "./notify.ts";
import { type ConsoleOptions, consoleOptions } from "./options.ts";
import { virtioConsoleState } from "./state.ts";
import { stations } from "./stations.ts";
import { consoleView } from "./view.ts";

/** The virtio-console as a PCI device, legacy transport only (devicemodel/hw/pci/virtio/virtio_console.c). */

const VIRTIO_DEV_CONSOLE = 0x1003;
const VIRTIO_TYPE_CONSOLE = 3;
const PCIC_SIMPLECOMM = 0x07;
const PCIS_SIMPLECOMM_OTHER = 0x80;

/** Reset by the guest: what the console itself knows (ready, rx_ready, open) stays. */
const virtioConsoleReset = station(stations.virtio_console_reset, (base: VirtioBase): void => virtioResetDev(base));

const virtioConsoleNegFeatures = station(
  stations.virtio_console_neg_features,
  (base: VirtioBase, negotiated: Features): void => {
    consoleOf(base).features = negotiated;
  },
  (emit, _base, negotiated) => emit(featuresNumber(negotiated)),
);

const virtioConsoleCfgread = station(
  stations.virtio_console_cfgread,
  (base: VirtioBase, offset: number, size: number): number => cfgread(base, offset, size),
  (emit, _base, offset, size) => emit(offset, size),
);

const virtioConsoleOps: VirtioOps = {
  name: "vtcon",
  nvq: VIRTIO_CONSOLE_MAXQ,
  cfgsize: 12,
  reset: virtioConsoleReset,
  cfgread: virtioConsoleCfgread,
  applyFeatures: virtioConsoleNegFeatures,
};

/** Makes the console with all its ports. -1 with the reason in the log. */
const virtioConsoleInit = station(
  stations.virtio_console_init,
  (ctx: Vmctx, dev: PciVdev, options: ConsoleOptions): number => {
    const console = new VirtioConsole(dev, virtioConsoleOps);
    const { base } = console;
    fillConfig(console);
    virtioLinkup(base);
    base.deviceCaps = featureWords(VIRTIO_CONSOLE_S_HOSTCAPS);
    for (const vq of base.queues) {
      vq.qsize = VIRTIO_CONSOLE_RINGSZ;
      vq.notify = vq.num % 2 === 0 ? virtioConsoleNotifyRx : virtioConsoleNotifyTx;
    }
    if (options.iothreads !== undefined && !useIothreads(console, options.iothreads)) return -1;
    setVirtioIds(dev, {
      device: VIRTIO_DEV_CONSOLE,
      class: PCIC_SIMPLECOMM,
      subclass: PCIS_SIMPLECOMM_OTHER,
      type: VIRTIO_TYPE_CONSOLE,
    });
    if (virtioInterruptInit(base, !ctx.config.virtioMsi) !== 0) return -1;
    virtioSetIoBar(base, 0);
    const control = console.controlPort;
    control.txq = 2;
    control.rxq = 3;
    control.cb = virtioConsoleControlTx;
    control.enabled = true;
    if (virtioConsoleAddBackends(console, options.ports) === 0) return 0;
    // acrn-dm exits now, which closes the ports that did open.
    virtioConsoleCloseAll(console);
    return -1;
  },
  (emit, _ctx, dev) => emit(dev.bus, dev.slot, dev.func),
);

/**
 * The `iothread` extension: gives the queues to iothreads in turn, with the code acrn-dm has for virtio-blk. False when
 * the iothreads cannot be had.
 */
function useIothreads(console: VirtioConsole, { num, cpusets }: IothreadsChoice): boolean {
  const { base, vmctx } = console;
  for (const [index, cpus] of cpusets.entries()) {
    for (const cpu of cpus)
      prAnnouncement(console, `iothread_parse_options: iothread[${index}]: set service_vm_cpuid ${cpu}`);
  }
  const { slot, func } = base.dev;
  const contexts = iothreadCreate(vmctx, {
    tag: `con${slot}:${func}`,
    num: Math.min(num, base.queues.length),
    cpusets,
  });
  if (contexts === undefined) {
    prErr(console, "virtio_console_init: Fails to create iothread context instance");
    return false;
  }
  base.iothread = true;
  for (const vq of base.queues) vq.viothrd.ioctx = contexts[vq.num % contexts.length];
  return true;
}

export const virtioConsole: DeviceClass<ConsoleOptions> = {
  className: "virtio-console",
  about: "virtio console with ports to terminals, files and sockets",
  options: consoleOptions,
  view: consoleView,
  queues: VIRTIO_CONSOLE_MAXQ,
  stations: { stations: [...Object.values(driverStations), ...Object.values(stations)] },
  state: virtioConsoleState,
  init: virtioConsoleInit,
  deinit: (_ctx, dev) => virtioConsoleDeinit(consoleOf(dev.arg as VirtioBase)),
  barwrite: virtioPciWrite,
  barread: virtioPciRead,
};
