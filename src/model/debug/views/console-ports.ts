import type { PciVdev } from "../../device-model/hw/pci/vdev.ts";
import { type VirtioBase, virtioOf } from "../../device-model/hw/pci/virtio/base.ts";
import { isSocketClient } from "../../device-model/hw/pci/virtio/console/backend.ts";
import { VirtioConsole } from "../../device-model/hw/pci/virtio/console/console.ts";
import { virtioConsoleVqToPort } from "../../device-model/hw/pci/virtio/console/ports.ts";
import type { VirtioVqInfo } from "../../device-model/hw/pci/virtio/virtqueue.ts";
import type { ConsolePortOverview, QueuePurpose } from "../../protocol/debug.ts";

/** What a console's queue is for. Even queues carry bytes to the guest, odd ones from it (virtio 1.3, 5.3.2). */
export function purposeOf({ base, num }: VirtioVqInfo): QueuePurpose {
  const { device } = base;
  if (!(device instanceof VirtioConsole)) return {};
  const port = virtioConsoleVqToPort(device, base.queues[num]);
  const name = port === device.controlPort ? "control" : port.name || `port ${device.ports.indexOf(port)}`;
  return { port: name, direction: num % 2 === 0 ? "host to guest" : "guest to host" };
}

/** The ports of a console with their backends; undefined for another device. */
export function portsOf({ device }: VirtioBase): readonly ConsolePortOverview[] | undefined {
  if (!(device instanceof VirtioConsole)) return undefined;
  return device.ports.slice(0, device.nports).map(({ id, name, isConsole, open, backend }) => ({
    id,
    name,
    isConsole,
    open,
    ...(backend === undefined
      ? {}
      : {
          backend: {
            type: backend.beType,
            path: backend.pty?.slave ?? backend.portpath,
            ...(backend.beType === "socket" ? { socketType: isSocketClient(backend) ? "client" : "server" } : {}),
            connected: backend.fd !== undefined,
            bytesRead: backend.bytesRead,
            bytesWritten: backend.bytesWritten,
          },
        }),
  }));
}

/** Reads how many bytes the console with the stdio backend has written; there is one such backend at most. */
export function stdioOutput(devices: () => readonly PciVdev[]): () => number {
  let backend: { readonly bytesWritten: number } | undefined;
  const find = (): typeof backend =>
    devices()
      .map((dev) => virtioOf(dev)?.device)
      .flatMap((device) => (device instanceof VirtioConsole ? device.ports : []))
      .find((port) => port.backend?.beType === "stdio")?.backend;
  return () => {
    backend ??= find();
    return backend?.bytesWritten ?? 0;
  };
}
