import type { StateTable } from "../inspect/saved-state.ts";
import { sysvecAcrnHvCallback } from "./acrn.ts";
import { EventFdFile } from "./eventfd.ts";
import { EventPollFile } from "./eventpoll.ts";
import { OpenHsm } from "./hsm.ts";
import { acrnIoeventfdHandler } from "./ioeventfd.ts";
import { ioreqDispatcher, ioreqIntrHandler } from "./ioreq.ts";
import { ioreqTask } from "./ioreq-client.ts";
import { HsmIrqfd, hsmIrqfdShutdownWork } from "./irqfd.ts";
import { interrupts, ServiceVm } from "./service-vm.ts";
import { AcrnIoreqClient, AcrnVm } from "./vm-state.ts";
import { Work, Workqueue, workerThread } from "./workqueue.ts";

/** What the Service VM's kernel saves. */
export const serviceVmState: StateTable = {
  classes: [ServiceVm, AcrnVm, AcrnIoreqClient, OpenHsm, EventFdFile, EventPollFile, HsmIrqfd, Workqueue, Work],
  named: {
    acrn_ioeventfd_handler: acrnIoeventfdHandler,
    hsm_irqfd_shutdown_work: hsmIrqfdShutdownWork,
    hyp: interrupts,
    ioreq_dispatcher: ioreqDispatcher,
    ioreq_intr_handler: ioreqIntrHandler,
    ioreq_task: ioreqTask,
    sysvec_acrn_hv_callback: sysvecAcrnHvCallback,
    worker_thread: workerThread,
  },
};
