import { acrnIoRequest, IOREQ_SLOTS, IOREQ_UNION, IoreqType, ioreqTypeNames } from "../abi/acrn.ts";
import { ioapicRte, VIOAPIC_PINS } from "../abi/apic.ts";
import type { LayerView } from "../inspect/layer-view.ts";
import { below, groupNode, listNode, type Node, valueNode } from "../inspect/node.ts";
import { stateNode } from "../inspect/state-node.ts";
import { memoryPlace, type Place, structNode } from "../inspect/struct-node.ts";
import { SchedEvent } from "./event.ts";
import type { Hypervisor } from "./hypervisor.ts";
import { AcrnVcpu } from "./vcpu.ts";
import { Vioapic } from "./vioapic.ts";
import { Vlapic } from "./vlapic-state.ts";
import { AcrnVm } from "./vm.ts";

/** How the hypervisor shows what it keeps. Paths are those of the User VM. */

const PCI_FIELDS = /^pci_/;

export const hypervisorView = (hypervisor: Hypervisor): LayerView<{ vcpu: AcrnVcpu }> => ({
  roots: {
    slot: () => slotsNode(hypervisor),
    vcpus: () => vcpusNode(hypervisor),
    vm: () => vmNode(hypervisor.userVm, "vm"),
    ioapic: () => ioapicNode(hypervisor.userVm.vioapic, "ioapic"),
  },
  describe: (value, name) => {
    if (value instanceof AcrnVcpu) return vcpuNode(value, name ?? "vcpu");
    if (value instanceof AcrnVm) return vmNode(value, name ?? "vm");
    if (value instanceof SchedEvent) return eventNode(value, name ?? "event");
    if (value instanceof Vioapic) return ioapicNode(value, name ?? "vioapic");
    return value instanceof Vlapic ? stateNode(Vlapic.state, value, name ?? "vlapic") : undefined;
  },
  subjectOf: (value) => {
    if (value instanceof AcrnVcpu) return { vcpu: value };
    return value instanceof SchedEvent || value instanceof Vlapic ? { vcpu: value.vcpu } : undefined;
  },
});

/** The shared ioreq page, real bytes in the Service VM's memory. */
function slotsNode(hypervisor: Hypervisor): Node {
  return listNode(
    "slot",
    "slot",
    () => (hypervisor.userVm.sw.ioSharedPage === undefined ? 0 : IOREQ_SLOTS),
    (index, name, path) => slotNode(hypervisor, index, name, path ?? ""),
    {
      about: "the ioreq page shared by hypervisor, HSM and acrn-dm; a slot for each vCPU",
      type: "struct acrn_io_request[16]",
    },
  );
}

function slotNode(hypervisor: Hypervisor, index: number, name: string, path: string): Node {
  const { sw } = hypervisor.userVm;
  const view = () => hypervisor.serviceVmMemory.view;
  const base = () => (sw.ioSharedPage === undefined ? undefined : sw.ioSharedPage + index * acrnIoRequest.size);
  const type = () => {
    const at = base();
    return at === undefined ? undefined : view().getUint32(at + acrnIoRequest.at.type, true);
  };
  return structNode(name, acrnIoRequest, memoryPlace("service", view, base), {
    path,
    only: (field) => PCI_FIELDS.test(field) === (type() === IoreqType.PCICFG) || !/^(pci_|address$)/.test(field),
    override: { value: (node) => (type() === IoreqType.MMIO ? node : low32(node)) },
  });
}

/** The value of a port or PCI access is 32 bits wide; what lies behind belongs to others. */
function low32(node: Node): Node {
  const get = (): number | undefined => {
    const value = node.get?.();
    return value === undefined ? undefined : Number(BigInt.asUintN(32, BigInt(value)));
  };
  return { ...node, get, bits: 32, type: "u32" };
}

function vcpusNode({ userVm }: Hypervisor): Node {
  return listNode(
    "vcpus",
    "vcpus",
    () => userVm.createdVcpus.length,
    (index, name, path) => vcpuNode(userVm.createdVcpus[index], name, path),
    { about: "virtual CPUs of the User VM" },
  );
}

const pathOf = (vcpu: AcrnVcpu): string | undefined => (vcpu.vm.isServiceVm ? undefined : `vcpus[${vcpu.vcpuId}]`);

/** `struct acrn_vcpu`; its value is its number. */
function vcpuNode(vcpu: AcrnVcpu, name: string, path = pathOf(vcpu)): Node {
  return stateNode(AcrnVcpu.state, vcpu, name, {
    path,
    get: () => vcpu.vcpuId,
    summary: () => `{VM ${vcpu.vm.vmId}, ${vcpu.state}}`,
    instead: {
      req: (at) => reqNode(vcpu, below(at, "req")),
      events: () =>
        groupNode("events", () => vcpu.events.map((event) => eventNode(event, event.name)), {
          about: "what its thread can wait for",
        }),
    },
  });
}

/** `vcpu->req`: only the union travels; its type is kept beside it. */
function reqNode({ req }: AcrnVcpu, path: string | undefined): Node {
  const place: Place = { view: () => req.view, base: () => -IOREQ_UNION.offset, changed: () => {} };
  const isPci = (): boolean => req.ioType === IoreqType.PCICFG;
  const union = structNode("req", acrnIoRequest, place, {
    path,
    only: (field) => /^(direction|size|value)$/.test(field) || (field === "address" && !isPci()),
    override: { value: (node) => (req.ioType === IoreqType.MMIO ? node : low32(node)) },
    summary: () => "{private copy of the request}",
  });
  const type = valueNode("io_type", () => req.ioType, {
    path: below(path, "io_type"),
    names: { names: ioreqTypeNames },
    type: "u32",
  });
  return {
    ...union,
    field: undefined,
    type: "struct io_request",
    about: "hypervisor/include/dm/io_req.h",
    fields: () => [type, ...(union.fields?.() ?? [])],
  };
}

const eventNode = (event: SchedEvent, name: string): Node =>
  stateNode(SchedEvent.state, event, name, { summary: () => `${event.name}${event.set ? ", set" : ""}` });

function ioapicNode(vioapic: Vioapic, name: string): Node {
  const place = (pin: number): Place => ({
    view: () => new DataView(vioapic.rtbl.buffer),
    base: () => pin * ioapicRte.size,
    changed: () => {},
  });
  const table = (path: string | undefined): Node =>
    listNode(
      "rte",
      below(path, "rte"),
      () => VIOAPIC_PINS,
      (pin, label, at) => structNode(label, ioapicRte, place(pin), { path: at }),
      { about: "redirection table, an entry a pin" },
    );
  return stateNode(Vioapic.state, vioapic, name, { path: "ioapic", instead: { rtbl: table } });
}

const vmNode = (vm: AcrnVm, name: string): Node =>
  stateNode(AcrnVm.state, vm, name, { summary: () => `{VM ${vm.vmId}, ${vm.state}}` });
