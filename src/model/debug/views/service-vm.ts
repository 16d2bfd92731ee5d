import { ioreqTypeNames } from "../../abi/acrn.ts";
import { groupNode, listNode, type Node, valueNode } from "../../inspect/node.ts";
import { EventFdFile } from "../../service-vm/eventfd.ts";
import { ServiceVm } from "../../service-vm/service-vm.ts";
import { AcrnIoreqClient, AcrnVm, type HsmIoeventfd, type HsmIrqfd } from "../../service-vm/vm-state.ts";

/** What the HSM driver of the Service VM keeps. */

const typeNames = { names: ioreqTypeNames };

/** The HSM's VM; there is at most one. */
export const hsmNode = (kernel: ServiceVm): Node | undefined => {
  const vm = kernel.vmList[0];
  return vm === undefined ? undefined : hsmVmNode(vm, "hsm");
};

export function clientsOf(vm: AcrnVm): AcrnIoreqClient[] {
  return vm.defaultClient === undefined ? vm.ioreqClients : [...vm.ioreqClients, vm.defaultClient];
}

function hsmVmNode(vm: AcrnVm, name: string): Node {
  const fields = (): Node[] => [
    valueNode("vmid", () => vm.vmid, { path: "hsm.vmid" }),
    valueNode("vcpu_num", () => vm.vcpuNum, { path: "hsm.vcpu_num" }),
    valueNode("ioreq_buf", () => vm.ioreqBuf, {
      path: "hsm.ioreq_buf",
      hex: true,
      about: "pinned ioreq page",
      memory: () => (vm.ioreqBuf === undefined ? undefined : `service:0x${vm.ioreqBuf.toString(16)}`),
    }),
    valueNode("pci_conf_addr", () => vm.pciConfAddr, {
      path: "hsm.pci_conf_addr",
      hex: true,
      about: "latch of port 0xCF8",
    }),
    listNode(
      "clients",
      "hsm.clients",
      () => clientsOf(vm).length,
      (i, label, path) => clientNode(clientsOf(vm)[i], label, path),
      {
        about: "consumers of requests, as they are asked",
      },
    ),
    listNode(
      "ioeventfds",
      "hsm.ioeventfds",
      () => vm.ioeventfds.length,
      (i, label, path) => ioeventfdNode(vm.ioeventfds[i], label, path),
    ),
    listNode(
      "irqfds",
      "hsm.irqfds",
      () => vm.irqfds.length,
      (i, label) => irqfdNode(vm.irqfds[i], label),
    ),
  ];
  return groupNode(name, fields, {
    path: "hsm",
    type: "struct acrn_vm",
    about: "drivers/virt/acrn/acrn_drv.h",
    summary: () => `{VM ${vm.vmid}}`,
  });
}

function clientNode(client: AcrnIoreqClient, name: string, path?: string): Node {
  const fields = (): Node[] => [
    valueNode("name", () => client.name),
    valueNode("is_default", () => client.isDefault),
    valueNode("ioreqs_map", () => client.ioreqsMap, {
      path: path === undefined ? pathOf(client) : `${path}.ioreqs_map`,
      hex: true,
      about: "bit n: the request of vCPU n is this client's",
    }),
    listNode(
      "ranges",
      path === undefined ? undefined : `${path}.ranges`,
      () => client.rangeList.length,
      (i, label) => {
        const { type, start, end } = client.rangeList[i];
        const fields = () => [
          valueNode("type", () => type, { names: typeNames }),
          valueNode("start", () => start, { hex: true }),
          valueNode("end", () => end, { hex: true, about: "inclusive" }),
        ];
        return groupNode(label, fields, {
          summary: () => `${ioreqTypeNames[type as 0]} 0x${start.toString(16)}-0x${end.toString(16)}`,
        });
      },
    ),
    valueNode("destroying", () => client.destroying),
  ];
  return groupNode(name, fields, { path, type: "struct acrn_ioreq_client", summary: () => `{${client.name}}` });
}

function pathOf(client: AcrnIoreqClient): string | undefined {
  const index = clientsOf(client.vm).indexOf(client);
  return index < 0 ? undefined : `hsm.clients[${index}].ioreqs_map`;
}

function ioeventfdNode(entry: HsmIoeventfd, name: string, path?: string): Node {
  const fields = (): Node[] => [
    eventfdNode(entry.eventfd, "eventfd", path === undefined ? undefined : `${path}.eventfd`),
    valueNode("type", () => entry.type, { names: typeNames }),
    valueNode("addr", () => entry.addr, { hex: true }),
    valueNode("length", () => entry.length, { about: "bytes" }),
    valueNode("data", () => entry.data, { about: "value it matches, unless wildcard" }),
    valueNode("wildcard", () => entry.wildcard),
  ];
  return groupNode(name, fields, {
    type: "struct hsm_ioeventfd",
    summary: () => `0x${entry.addr.toString(16)} data ${entry.wildcard ? "any" : entry.data} -> fd ${entry.eventfd.fd}`,
  });
}

function irqfdNode(irqfd: HsmIrqfd, name: string): Node {
  const fields = (): Node[] => [
    eventfdNode(irqfd.eventfd, "eventfd"),
    valueNode("msi_addr", () => irqfd.msiAddr, { hex: true }),
    valueNode("msi_data", () => irqfd.msiData, { hex: true }),
  ];
  return groupNode(name, fields, { type: "struct hsm_irqfd" });
}

function eventfdNode(eventfd: EventFdFile, name: string, path?: string): Node {
  const fields = (): Node[] => [
    valueNode("fd", () => eventfd.fd),
    valueNode("count", () => eventfd.count, {
      path: path === undefined ? undefined : `${path}.count`,
      about: "signals not read yet",
    }),
  ];
  return groupNode(name, fields, {
    path,
    type: "struct eventfd_ctx",
    summary: () => `{fd ${eventfd.fd}, count ${eventfd.count}}`,
  });
}

/** An argument that is one of the kernel's structures. */
export function describeServiceVm(value: unknown): Node | undefined {
  if (value instanceof AcrnVm) return hsmVmNode(value, "hsm_vm");
  if (value instanceof AcrnIoreqClient) return clientNode(value, "client");
  if (value instanceof EventFdFile) return eventfdNode(value, "eventfd");
  if (value instanceof ServiceVm) {
    return groupNode("kernel", () => [
      valueNode("hyp_interrupts", () => value.irqHvCallbackCount, { about: "line HYP of /proc/interrupts" }),
    ]);
  }
  return undefined;
}

/** The eventfd among a frame's arguments. */
export const eventfdOf = (args: readonly unknown[]): number | undefined =>
  args.find((arg) => arg instanceof EventFdFile)?.fd;
