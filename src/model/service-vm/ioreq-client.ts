import { station, stationThread } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { EINVAL, ENODEV } from "../util/errno.ts";
import { acrnRemoveIntrHandler, acrnSetupIntrHandler } from "./acrn.ts";
import { ioreqIntrHandler } from "./ioreq.ts";
import { acrnIoreqCompleteRequest } from "./ioreq-complete.ts";
import type { ServiceVm } from "./service-vm.ts";
import { AcrnIoreqClient, type AcrnVm, type IoreqHandler } from "./vm-state.ts";

/**
 * drivers/virt/acrn/ioreq.c. A client with a handler gets a thread named VM<id>-<name>, cut to 15 characters as thread
 * names are; the default client has neither. Undefined for a client that would have neither handler nor default role.
 */
export const acrnIoreqClientCreate = station(
  S.acrn_ioreq_client_create,
  (vm: AcrnVm, handler: IoreqHandler | undefined, isDefault: boolean, name: string): AcrnIoreqClient | undefined => {
    if (handler === undefined && !isDefault) return undefined;
    const client = new AcrnIoreqClient(vm, name, handler, isDefault);
    if (handler !== undefined) {
      const threadName = `VM${vm.vmid}-${name}`.slice(0, 15);
      client.thread = vm.kernel.kthreadRun(threadName, ioreqTask, client);
    }
    if (isDefault) vm.defaultClient = client;
    else vm.ioreqClients.unshift(client);
    return client;
  },
  (emit, vm, _handler, isDefault) => emit(vm.vmid, isDefault ? 1 : 0),
);

/**
 * Same file. The upcall is switched off and the queued dispatcher run out before; afterwards it is queued again, for
 * the requests of other clients that came meanwhile.
 */
export const acrnIoreqClientDestroy = station(
  S.acrn_ioreq_client_destroy,
  (client: AcrnIoreqClient): void => {
    const { vm } = client;
    ioreqPause(vm.kernel);
    client.destroying = true;
    if (client.isDefault) {
      client.wq.wakeUp(vm.chain, "wakeUpInterruptible");
      vm.defaultClient = undefined;
    } else {
      kthreadStop(client);
      vm.ioreqClients.splice(vm.ioreqClients.indexOf(client), 1);
    }
    client.rangeList.length = 0;
    ioreqResume(vm.kernel);
  },
  (emit, client) => emit(client.vm.vmid, client.isDefault ? 1 : 0),
);

function ioreqPause(kernel: ServiceVm): void {
  acrnRemoveIntrHandler(kernel);
  const wq = kernel.ioreqWq;
  if (wq !== undefined && !wq.idle) kernel.scheduler.runUntil(() => wq.idle);
}

function ioreqResume(kernel: ServiceVm): void {
  acrnSetupIntrHandler(kernel, ioreqIntrHandler);
  kernel.ioreqWq?.queueWork(kernel.ioreqWork);
}

/** `kthread_stop`: asks the thread to end and waits until it has. */
function kthreadStop(client: AcrnIoreqClient): void {
  const { thread, vm } = client;
  client.shouldStop = true;
  client.wq.wakeUp(vm.chain, "kthreadStop");
  vm.kernel.scheduler.runUntil(() => thread?.state === "done");
}

/**
 * Same file: thread of a kernel client. A handler that fails leaves the request where it is, and the loop comes back
 * to it at once.
 */
export const ioreqTask = stationThread(
  S.ioreq_task,
  function* (client: AcrnIoreqClient): Generator<void, void, void> {
    while (!client.shouldStop) {
      yield* acrnIoreqClientWait(client);
      while (client.hasPendingRequest) {
        const vcpu = 31 - Math.clz32(client.ioreqsMap & -client.ioreqsMap);
        const status = client.handler?.(client, client.vm.slot(vcpu)) ?? -EINVAL;
        if (status < 0) {
          client.vm.kernel.log(1, "hsm", `IO handle failure: ${status}`);
          break;
        }
        acrnIoreqCompleteRequest(client, vcpu);
      }
    }
  },
  (emit, client) => emit(client.vm.vmid),
);

const mayGoOn = (client: AcrnIoreqClient): boolean =>
  client.hasPendingRequest || (client.isDefault ? client.destroying : client.shouldStop);

/** Same file. 0 when there may be a request; -ENODEV for the default client when it is being destroyed. */
export const acrnIoreqClientWait = stationThread(
  S.acrn_ioreq_client_wait,
  function* (client: AcrnIoreqClient): Generator<void, number, void> {
    yield* client.wq.wait(client.chain, mayGoOn, client);
    return client.isDefault && client.destroying ? -ENODEV : 0;
  },
  (emit, client) => emit(client.isDefault ? 1 : 0, client.ioreqsMap),
);

/** Same file. -EINVAL when the range ends before it starts. Equal ranges are added once more. */
export const acrnIoreqRangeAdd = station(
  S.acrn_ioreq_range_add,
  (client: AcrnIoreqClient, type: number, start: number, end: number): number => {
    if (end < start) {
      client.vm.kernel.log(1, "hsm", `Invalid IO range [0x${start.toString(16)},0x${end.toString(16)}]`);
      return -EINVAL;
    }
    client.rangeList.unshift({ type, start, end });
    return 0;
  },
  (emit, _client, type, start, end) => emit(type, start, end),
);

/** Same file. Removes one equal range, if there is one. */
export const acrnIoreqRangeDel = station(
  S.acrn_ioreq_range_del,
  (client: AcrnIoreqClient, type: number, start: number, end: number): void => {
    const index = client.rangeList.findIndex((r) => r.type === type && r.start === start && r.end === end);
    if (index >= 0) client.rangeList.splice(index, 1);
  },
  (emit, _client, type, start, end) => emit(type, start, end),
);
