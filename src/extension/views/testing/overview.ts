import type { Overview } from "../../../webview/messages.ts";

type Queue = NonNullable<Overview["devices"][number]["virtio"]>["queues"][number];

export const queue = (number: number, more: Partial<Queue> = {}): Queue => ({
  ...{ queue: number, purpose: "con", direction: number % 2 === 0 ? "host to guest" : "guest to host" },
  ...{
    size: 64,
    ready: true,
    descAddress: 0x100000,
    availAddress: 0x100400,
    usedAddress: 0x101000,
    availIdx: 5,
    lastAvail: 5,
    usedIdx: 5,
  },
  ...{ noNotify: false, noInterrupt: false, msixVector: 0xffff, ioeventfd: false },
  ...more,
});

/** What a machine answers with a bridge and a console of one port in slot 3. */
export function overview(queues: readonly Queue[] = [queue(0), queue(1)], kicks = 7): Overview {
  const plain = {
    ...({ bus: 0, func: 0, bars: [], interrupt: "none", intx: { state: "IDLE", gsi: 0 } } as const),
    ...{ terminals: [], sections: [] },
  };
  const path = "/dev/pts/9";
  const terminal = {
    ...{ id: 0, name: "con", isConsole: true, open: true, kind: "pty", path, socketType: undefined },
    ...{ connected: true, bytesRead: 1, bytesWritten: 2 },
  };
  const words = (text: string, ...values: number[]) => ({ text, values });
  const section = {
    ...{ id: "port/0", label: words("port {0}", 0), value: `con: pty ${path}`, icon: "terminal", path },
    rows: [
      { id: "open", label: words("open"), value: true },
      { id: "out", label: words("guest to host"), value: words("{0} bytes", 2) },
    ],
  };
  const virtio = { status: 7, statusNames: "ACKNOWLEDGE|DRIVER|DRIVER_OK", isr: 0, features: 3, queues };
  return {
    timeNs: kicks * 1e9,
    vm: { name: "vm1", state: "VM_RUNNING", vcpus: 1 },
    slots: [
      {
        ...{ slot: 0, type: "PORTIO", state: "PROCESSING", direction: "WRITE", address: 0x2010, size: 2, value: 1 },
        kernelHandled: false,
      },
    ],
    devices: [
      { ...plain, name: "hostbridge-pci-0", slot: 0 },
      {
        ...plain,
        ...{ name: "virtio-console-pci-3", slot: 3, interrupt: "MSI-X" as const },
        bars: [{ index: 0, type: "IO", address: 0x2000, size: 64 }],
        terminals: [terminal],
        sections: [section],
        virtio,
      },
    ],
    clients: [{ name: "acrndm", isDefault: true, requests: 1, ranges: [] }],
    ioeventfds: [{ fd: 5, type: "PORTIO", address: 0x2010, length: 2, data: 1, count: 0 }],
    irqfds: [],
    ioapic: [{ pin: 2, entry: "vector 0x30", level: 0 }],
    upcalls: 3,
    kicks,
    exits: { port: 10, mmio: 20 },
  };
}
