import type { StateTable } from "../inspect/saved-state.ts";
import { resetHandler } from "./arch/x86/pm.ts";
import { InoutState } from "./core/inout.ts";
import { IoRequest } from "./core/io-request.ts";
import { IothreadState, ioThread } from "./core/iothread.ts";
import { Occurrences } from "./core/log.ts";
import { mainLoop } from "./core/main.ts";
import { MemState } from "./core/mem.ts";
import { MeventState, readPipe } from "./core/mevent.ts";
import { startThread } from "./core/vm-loop.ts";
import { Vmctx } from "./core/vmctx.ts";
import { DeviceModel } from "./device-model.ts";
import { pciEmulEcfgHandler } from "./hw/pci/cfgrw.ts";
import { pciEmulFallbackHandler, pciEmulIoHandler, pciEmulMemHandler } from "./hw/pci/handlers.ts";
import { PciState } from "./hw/pci/state.ts";
import { PciVdev } from "./hw/pci/vdev.ts";
import { VirtioBase } from "./hw/pci/virtio/base.ts";
import { iothreadHandler } from "./hw/pci/virtio/iothread.ts";
import { LegacyTransport } from "./hw/pci/virtio/transport/legacy/transport.ts";
import { VirtioIothread, VirtioVqInfo } from "./hw/pci/virtio/virtqueue.ts";
import { atkbdcStsCtlHandler } from "./hw/platform/atkbdc.ts";

/** What acrn-dm saves, besides what its device classes do. */
export const deviceModelState: StateTable = {
  classes: [
    DeviceModel,
    Vmctx,
    IoRequest,
    InoutState,
    MemState,
    MeventState,
    IothreadState,
    Occurrences,
    PciState,
    PciVdev,
    VirtioBase,
    VirtioVqInfo,
    VirtioIothread,
    LegacyTransport,
  ],
  named: {
    atkbdc_sts_ctl_handler: atkbdcStsCtlHandler,
    io_thread: ioThread,
    iothread_handler: iothreadHandler,
    main: mainLoop,
    mevent_pipe_read: readPipe,
    pci_emul_ecfg_handler: pciEmulEcfgHandler,
    pci_emul_fallback_handler: pciEmulFallbackHandler,
    pci_emul_io_handler: pciEmulIoHandler,
    pci_emul_mem_handler: pciEmulMemHandler,
    reset_handler: resetHandler,
    start_thread: startThread,
  },
};
