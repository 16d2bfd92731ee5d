import { acrnIoRequest, directionNames, ioreqStateNames, ioreqTypeNames } from "../abi/acrn.ts";
import { ioapicRte, Rte, VIOAPIC_PINS } from "../abi/apic.ts";
import { valueName } from "../abi/struct.ts";
import { virtioStatusField } from "../abi/virtio.ts";
import { featuresNumber } from "../abi/virtio-features.ts";
import type { Terminal } from "../device-model/hw/pci/device-view.ts";
import type { PciVdev } from "../device-model/hw/pci/vdev.ts";
import { virtioOf } from "../device-model/hw/pci/virtio/base.ts";
import { availIdx, noInterrupt, noNotify, usedIdx } from "../device-model/hw/pci/virtio/virtqueue-node.ts";
import { toHex } from "../inspect/format.ts";
import type { DeviceOverview, Overview, QueueOverview, SlotOverview } from "../protocol/debug.ts";
import type { DebugTarget } from "./target.ts";
import { purposeOf, terminalsOf } from "./terminals.ts";

type Names = { readonly [value: number]: string };
const named = (names: Names, value: number): string => names[value] ?? toHex(value);

/** The machine at a glance. Reads only. */
export function overview(target: DebugTarget, kicks: number): Overview {
  const { chain, hypervisor, serviceVm, deviceModel, exits } = target;
  const { userVm } = hypervisor;
  const hsm = serviceVm.vmList[0];
  return {
    timeNs: chain.timeNs,
    vm: {
      name: userVm.name,
      state: `VM_${userVm.state.toUpperCase().replaceAll(" ", "_")}`,
      vcpus: userVm.createdVcpus.length,
    },
    slots: userVm.createdVcpus.flatMap((_, slot) => slotOverview(target, slot)),
    devices: deviceModel?.devices.map(deviceOverview) ?? [],
    clients:
      hsm === undefined
        ? []
        : hsm.clients.map((client) => ({
            name: client.name,
            isDefault: client.isDefault,
            requests: client.ioreqsMap,
            ranges: client.rangeList.map(({ type, start, end }) => ({ type: named(ioreqTypeNames, type), start, end })),
          })),
    ioeventfds:
      hsm?.ioeventfds.map(({ eventfd, type, addr, length, data, wildcard }) => ({
        fd: eventfd.fd,
        type: named(ioreqTypeNames, type),
        address: addr,
        length,
        data: wildcard ? undefined : data,
        count: eventfd.count,
      })) ?? [],
    irqfds:
      hsm?.irqfds.map(({ eventfd, msiAddr, msiData }) => ({ fd: eventfd.fd, msiAddress: msiAddr, msiData })) ?? [],
    ioapic: ioapicOverview(target),
    upcalls: serviceVm.irqHvCallbackCount,
    kicks,
    exits: { port: exits.portRead + exits.portWrite, mmio: exits.mmioRead + exits.mmioWrite },
  };
}

function slotOverview({ hypervisor }: DebugTarget, slot: number): SlotOverview[] {
  const page = hypervisor.userVm.sw.ioSharedPage;
  if (page === undefined) return [];
  const { view } = hypervisor.serviceVmMemory;
  const u32 = (field: keyof typeof acrnIoRequest.at): number =>
    view.getUint32(page + slot * acrnIoRequest.size + acrnIoRequest.at[field], true);
  return [
    {
      slot,
      type: named(ioreqTypeNames, u32("type")),
      state: named(ioreqStateNames, u32("processed")),
      direction: named(directionNames, u32("direction")),
      address: u32("address"),
      size: u32("size"),
      value: u32("value"),
      kernelHandled: u32("kernel_handled") !== 0,
    },
  ];
}

function deviceOverview(dev: PciVdev): DeviceOverview {
  const base = virtioOf(dev);
  const bars = dev.bar.flatMap(({ type, addr, size }, index) =>
    type === "NONE" ? [] : [{ index, type, address: addr, size }],
  );
  return {
    name: dev.name,
    bus: dev.bus,
    slot: dev.slot,
    func: dev.func,
    bars,
    interrupt: dev.msi.enabled ? "MSI" : dev.msix.enabled ? "MSI-X" : dev.lintr.pin > 0 ? "INTx" : "none",
    intx: { state: dev.lintr.state, gsi: dev.lintr.ioapicIrq },
    terminals: terminalsOf(dev).map(terminalOverview),
    sections: dev.ops.view?.sections?.(dev) ?? [],
    ...(base === undefined
      ? {}
      : {
          virtio: {
            status: base.status,
            statusNames: valueName(virtioStatusField, base.status) ?? "",
            isr: base.isr,
            features: featuresNumber(base.negotiatedCaps),
            queues: base.queues.map(
              (vq): QueueOverview => ({
                queue: vq.num,
                ...purposeOf(vq),
                size: vq.qsize,
                ready: vq.allocated,
                descAddress: vq.desc,
                availAddress: vq.avail,
                usedAddress: vq.used,
                availIdx: availIdx(vq),
                lastAvail: vq.lastAvail,
                usedIdx: usedIdx(vq),
                noNotify: noNotify(vq),
                noInterrupt: noInterrupt(vq),
                msixVector: vq.msixIdx,
                ioeventfd: vq.viothrd.ioeventStarted,
              }),
            ),
          },
        }),
  };
}

/** As it is now, for another thread. */
function terminalOverview(terminal: Terminal): Terminal {
  const { id, name, isConsole, open, kind, path, socketType, connected, bytesRead, bytesWritten } = terminal;
  return { id, name, isConsole, open, kind, path, socketType, connected, bytesRead, bytesWritten };
}

function ioapicOverview({ hypervisor }: DebugTarget): Overview["ioapic"] {
  const { rtbl, pinState } = hypervisor.userVm.vioapic;
  const entries: { pin: number; entry: string; level: number }[] = [];
  for (let pin = 0; pin < VIOAPIC_PINS; pin++) {
    const low = rtbl[pin * 2];
    if ((low & Rte.MASKED) !== 0 && pinState[pin] === 0) continue;
    const flags = valueName(ioapicRte.fields.lo, low);
    entries.push({ pin, entry: `vector ${toHex(low & Rte.VECTOR)} ${flags}`, level: pinState[pin] });
  }
  return entries;
}
