import { ioreqTypeNames } from "../abi/acrn.ts";
import type { LayerView } from "../inspect/layer-view.ts";
import { below, listNode, type Node } from "../inspect/node.ts";
import { stateNode } from "../inspect/state-node.ts";
import { EventFdFile } from "./eventfd.ts";
import { HsmIrqfd } from "./irqfd.ts";
import { ServiceVm } from "./service-vm.ts";
import {
  AcrnIoreqClient,
  type AcrnIoreqRange,
  AcrnVm,
  type HsmIoeventfd,
  hsmIoeventfdState,
  ioreqRangeState,
} from "./vm-state.ts";

/** How the Service VM's kernel shows what its HSM driver keeps. */

export const serviceVmView = (kernel: ServiceVm): LayerView<{ eventfd: number }> => ({
  /** The HSM's VM; there is at most one. */
  roots: { hsm: () => kernel.vmList[0] && hsmVmNode(kernel.vmList[0], "hsm") },
  describe: (value, name) => {
    if (value instanceof AcrnVm) return hsmVmNode(value, name ?? "hsm_vm");
    if (value instanceof AcrnIoreqClient) return clientNode(value, name ?? "client", pathOf(value));
    if (value instanceof EventFdFile) return eventfdNode(value, name ?? "eventfd", undefined);
    return value instanceof ServiceVm ? stateNode(ServiceVm.state, value, name ?? "kernel") : undefined;
  },
  subjectOf: (value) => (value instanceof EventFdFile ? { eventfd: value.fd } : undefined),
});

function hsmVmNode(vm: AcrnVm, name: string): Node {
  const list = <T>(
    field: string,
    of: () => readonly T[],
    node: (item: T, label: string, path: string | undefined) => Node,
    about?: string,
  ): Node =>
    listNode(
      field,
      `hsm.${field}`,
      () => of().length,
      (i, label, path) => node(of()[i], label, path),
      { about },
    );
  return stateNode(AcrnVm.state, vm, name, {
    path: "hsm",
    summary: () => `{VM ${vm.vmid}}`,
    instead: {
      ioreqClients: () => list("clients", () => vm.clients, clientNode, "consumers of requests, as they are asked"),
      ioeventfds: () => list("ioeventfds", () => vm.ioeventfds, ioeventfdNode),
      irqfds: () => list("irqfds", () => vm.irqfds, irqfdNode),
    },
  });
}

function pathOf(client: AcrnIoreqClient): string | undefined {
  const index = client.vm.clients.indexOf(client);
  return index < 0 ? undefined : `hsm.clients[${index}]`;
}

function clientNode(client: AcrnIoreqClient, name: string, path: string | undefined): Node {
  const ranges = (): Node =>
    listNode(
      "ranges",
      below(path, "ranges"),
      () => client.rangeList.length,
      (i, label, at) => rangeNode(client.rangeList[i], label, at),
    );
  return stateNode(AcrnIoreqClient.state, client, name, {
    path,
    summary: () => `{${client.name}}`,
    instead: { rangeList: ranges },
  });
}

const rangeNode = (range: AcrnIoreqRange, name: string, path: string | undefined): Node =>
  stateNode(ioreqRangeState, range, name, {
    path,
    summary: () => `${ioreqTypeNames[range.type as 0]} 0x${range.start.toString(16)}-0x${range.end.toString(16)}`,
  });

const ioeventfdNode = (entry: HsmIoeventfd, name: string, path: string | undefined): Node =>
  stateNode(hsmIoeventfdState, entry, name, {
    path,
    summary: () => `0x${entry.addr.toString(16)} data ${entry.wildcard ? "any" : entry.data} -> fd ${entry.eventfd.fd}`,
    instead: { eventfd: (at) => eventfdNode(entry.eventfd, "eventfd", below(at, "eventfd")) },
  });

const irqfdNode = (irqfd: HsmIrqfd, name: string, path: string | undefined): Node =>
  stateNode(HsmIrqfd.state, irqfd, name, {
    path,
    instead: { eventfd: (at) => eventfdNode(irqfd.eventfd, "eventfd", below(at, "eventfd")) },
  });

const eventfdNode = (eventfd: EventFdFile, name: string, path: string | undefined): Node =>
  stateNode(EventFdFile.state, eventfd, name, {
    path,
    summary: () => `{fd ${eventfd.fd}, count ${eventfd.count}}`,
  });
