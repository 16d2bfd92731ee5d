import { acrnIoRequest, IOREQ_SLOTS, IOREQ_UNION, IoreqType, ioreqTypeNames } from "../../abi/acrn.ts";
import { ioapicRte, VIOAPIC_PINS } from "../../abi/apic.ts";
import { exitReasonNames } from "../../abi/vmx.ts";
import { SchedEvent } from "../../hypervisor/event.ts";
import type { Hypervisor } from "../../hypervisor/hypervisor.ts";
import { AcrnVcpu } from "../../hypervisor/vcpu.ts";
import { Vioapic } from "../../hypervisor/vioapic.ts";
import { Vlapic } from "../../hypervisor/vlapic-state.ts";
import { AcrnVm } from "../../hypervisor/vm.ts";
import { groupNode, listNode, type Node, valueNode } from "../../inspect/node.ts";
import { memoryPlace, type Place, structNode } from "../../inspect/struct-node.ts";

/** What the hypervisor keeps. Paths are those of the User VM. */

const PCI_FIELDS = /^pci_/;

/** The shared ioreq page, real bytes in the Service VM's memory. */
export function slotsNode(hypervisor: Hypervisor): Node {
  return listNode(
    "slot",
    "slot",
    () => (hypervisor.userVm.sw.ioSharedPage === undefined ? 0 : IOREQ_SLOTS),
    (index, name, path) => slotNode(hypervisor, index, name, path),
    {
      about: "the ioreq page shared by hypervisor, HSM and acrn-dm; a slot for each vCPU",
      type: "struct acrn_io_request[16]",
    },
  );
}

export function slotNode(hypervisor: Hypervisor, index: number, name: string, path = `slot[${index}]`): Node {
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

export function vcpusNode(hypervisor: Hypervisor): Node {
  const { userVm } = hypervisor;
  return listNode(
    "vcpus",
    "vcpus",
    () => userVm.createdVcpus.length,
    (index, name, path) => vcpuNode(userVm.createdVcpus[index], name, path),
    { about: "virtual CPUs of the User VM" },
  );
}

function pathOf(vcpu: AcrnVcpu): string | undefined {
  return vcpu.vm.isServiceVm ? undefined : `vcpus[${vcpu.vcpuId}]`;
}

/** `struct acrn_vcpu`; its value is its number. */
export function vcpuNode(vcpu: AcrnVcpu, name: string, path = pathOf(vcpu)): Node {
  const value = (field: string, get: () => number | string | boolean | undefined, extra: Partial<Node> = {}): Node =>
    valueNode(field, get, { ...(path === undefined ? {} : { path: `${path}.${field}` }), ...extra });
  const fields = (): Node[] => [
    value("state", () => vcpu.state),
    reqNode(vcpu, path),
    value("exit_reason", () => vcpu.exitReason, {
      names: { names: exitReasonNames },
      about: "basic exit reason (SDM Vol. 3, Appendix C)",
    }),
    value("exit_qualification", () => vcpu.exitQualification, { hex: true, about: "SDM Vol. 3, 28.2.1" }),
    value("guest_physical_address", () => vcpu.guestPhysicalAddress, { hex: true, about: "of an EPT violation" }),
    value("rax", () => vcpu.rax, {
      hex: true,
      about: "general register at the exit; what a port read gives",
      bits: 32,
      set: (rax) => {
        vcpu.rax = Number(rax);
      },
    }),
    value("pending_req", () => vcpu.pendingReq, {
      about: "requested before the next VM entry",
      names: { bits: true, names: { 1: "EXCP", 2: "EVENT" } },
    }),
    groupNode("events", () => vcpu.events.map((event) => eventNode(event, event.name)), {
      about: "what its thread can wait for",
    }),
    vlapicNode(vcpu.vlapic, "vlapic", path),
  ];
  return {
    name,
    path,
    get: () => vcpu.vcpuId,
    type: "struct acrn_vcpu",
    summary: () => `{VM ${vcpu.vm.vmId}, ${vcpu.state}}`,
    fields,
  };
}

/** `vcpu->req`: only the union travels; its type is kept beside it. */
function reqNode(vcpu: AcrnVcpu, path: string | undefined): Node {
  const { req } = vcpu;
  const place: Place = { view: () => req.view, base: () => -IOREQ_UNION.offset, changed: () => {} };
  const reqPath = path === undefined ? undefined : `${path}.req`;
  const isPci = (): boolean => req.ioType === IoreqType.PCICFG;
  const union = structNode("req", acrnIoRequest, place, {
    path: reqPath,
    only: (field) => /^(direction|size|value)$/.test(field) || (field === "address" && !isPci()),
    override: { value: (node) => (req.ioType === IoreqType.MMIO ? node : low32(node)) },
    summary: () => "{private copy of the request}",
  });
  const type = valueNode("io_type", () => req.ioType, {
    path: reqPath === undefined ? undefined : `${reqPath}.io_type`,
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

function eventNode(event: SchedEvent, name: string): Node {
  const fields = (): Node[] => [
    valueNode("set", () => event.set, {
      about: "signalled, and not waited for since",
      bits: 1,
      set: (value) => {
        event.set = value !== 0n;
      },
    }),
    valueNode("waiting", () => event.waitingThread !== undefined, { about: "a vCPU thread sleeps on it" }),
  ];
  return groupNode(name, fields, {
    type: "struct sched_event",
    summary: () => `${event.name}${event.set ? ", set" : ""}`,
  });
}

function vlapicNode(vlapic: Vlapic, name: string, path: string | undefined): Node {
  const bitmap = (field: string, words: Uint32Array, about: string): Node =>
    valueNode(field, () => vectors(words), { about, path: path === undefined ? undefined : `${path}.vlapic.${field}` });
  const fields = (): Node[] => [
    bitmap("pir", vlapic.pir, "vectors accepted but not yet merged into the virtual IRR"),
    valueNode("on", () => vlapic.on, { about: "outstanding-notification bit of the posted-interrupt descriptor" }),
    bitmap("irr", vlapic.irr, "interrupt request register, of the Service VM's vCPU only"),
    bitmap("tmr", vlapic.tmr, "trigger modes, set for level"),
    bitmap("awaiting_eoi", vlapic.awaitingEoi, "level-triggered vectors whose EOI has not been seen"),
  ];
  return groupNode(name, fields, {
    type: "struct acrn_vlapic",
    path: path === undefined ? undefined : `${path}.vlapic`,
  });
}

/** The vectors set in a 256-bit bitmap: "0x22 0xf3", or "none". */
function vectors(words: Uint32Array): string {
  const set: string[] = [];
  for (let vector = 0; vector < 256; vector++) {
    if ((words[vector >>> 5] & (1 << (vector & 31))) !== 0) set.push(`0x${vector.toString(16)}`);
  }
  return set.length === 0 ? "none" : set.join(" ");
}

export function ioapicNode(vioapic: Vioapic, name = "ioapic"): Node {
  const place = (pin: number): Place => ({
    view: () => new DataView(vioapic.rtbl.buffer),
    base: () => pin * ioapicRte.size,
    changed: () => {},
  });
  const fields = (): Node[] => [
    valueNode("ioregsel", () => vioapic.ioregsel, {
      path: "ioapic.ioregsel",
      hex: true,
      about: "register the window shows",
    }),
    listNode(
      "rte",
      "ioapic.rte",
      () => VIOAPIC_PINS,
      (pin, label, path) => structNode(label, ioapicRte, place(pin), { path }),
      { about: "redirection table, an entry a pin" },
    ),
    listNode(
      "pin_state",
      "ioapic.pin_state",
      () => VIOAPIC_PINS,
      (pin, label, path) => valueNode(label, () => vioapic.pinState[pin], { path }),
      { about: "electrical level of each pin" },
    ),
  ];
  return groupNode(name, fields, { path: "ioapic", type: "struct acrn_single_vioapic" });
}

export function vmNode(vm: AcrnVm, name: string): Node {
  const fields = (): Node[] => [
    valueNode("vm_id", () => vm.vmId),
    valueNode("state", () => vm.state),
    valueNode("name", () => vm.name),
    valueNode("guest_flags", () => vm.guestFlags, { hex: true }),
    valueNode("io_shared_page", () => vm.sw.ioSharedPage, {
      hex: true,
      about: "ioreq page, in the Service VM's memory",
      memory: () => (vm.sw.ioSharedPage === undefined ? undefined : `service:0x${vm.sw.ioSharedPage.toString(16)}`),
    }),
    valueNode("is_polling_ioreq", () => vm.sw.isPollingIoreq, { about: "completion polling instead of an event" }),
    valueNode("vpci_addr", () => vm.vpci.addr, { hex: true, about: "the hypervisor's latch of port 0xCF8" }),
  ];
  return groupNode(name, fields, { type: "struct acrn_vm", summary: () => `{VM ${vm.vmId}, ${vm.state}}` });
}

/** An argument that is one of the hypervisor's structures. */
export function describeHypervisor(value: unknown): Node | undefined {
  if (value instanceof AcrnVcpu) return vcpuNode(value, "vcpu");
  if (value instanceof AcrnVm) return vmNode(value, "vm");
  if (value instanceof SchedEvent) return eventNode(value, "event");
  if (value instanceof Vioapic) return ioapicNode(value, "vioapic");
  if (value instanceof Vlapic) return vlapicNode(value, "vlapic", undefined);
  return undefined;
}

/** The vCPU an argument is or belongs to. */
export function vcpuOf(value: unknown): AcrnVcpu | undefined {
  if (value instanceof AcrnVcpu) return value;
  return value instanceof SchedEvent || value instanceof Vlapic ? value.vcpu : undefined;
}
