import { station } from "../../../../../chain/announce.ts";
import type { VirtioVqInfo } from "../virtqueue.ts";
import { ConsoleEvent } from "./abi.ts";
import type { ConsoleBackend } from "./backend.ts";
import type { ConsolePort, PortCallback, VirtioConsole } from "./console.ts";
import { virtioConsoleControlSend } from "./control-send.ts";
import { VIRTIO_CONSOLE_MAXPORTS } from "./parse.ts";
import { stations } from "./stations.ts";

/** Ports and their queues (devicemodel/hw/pci/virtio/virtio_console.c). */

/** Longest port name that is announced (NAME_MAX). */
const NAME_MAX = 255;

/** Queues 0 and 1 are port 0, 2 and 3 the control port, from 4 on two a port. */
export function virtioConsoleVqToPort(console: VirtioConsole, vq: VirtioVqInfo): ConsolePort {
  if (vq.num < 2) return console.ports[0];
  return vq.num < 4 ? console.controlPort : console.ports[(vq.num >> 1) - 1];
}

/** The queue a port sends to the guest with (`tx`), or receives from it. */
export function virtioConsolePortToVq(port: ConsolePort, tx: boolean): VirtioVqInfo {
  return port.console.base.queues[tx ? port.txq : port.rxq];
}

export interface NewPort {
  readonly name: string;
  readonly cb: PortCallback;
  readonly backend: ConsoleBackend;
  readonly isConsole: boolean;
}

/** Takes the next port; its number is its place on the command line. Undefined when all 16 are taken. */
export const virtioConsoleAddPort = station(
  stations.virtio_console_add_port,
  (console: VirtioConsole, { name, cb, backend, isConsole }: NewPort): ConsolePort | undefined => {
    if (console.nports === VIRTIO_CONSOLE_MAXPORTS) return undefined;
    const id = console.nports++;
    const port = console.ports[id];
    Object.assign(port, { id, name, cb, backend, isConsole });
    port.txq = id === 0 ? 0 : console.nports * 2;
    port.rxq = port.txq + 1;
    port.enabled = true;
    return port;
  },
  (emit, console, { isConsole }) => emit(console.nports, isConsole ? 1 : 0),
);

/** Tells the guest that the port exists, and its name. */
export const virtioConsoleAnnouncePort = station(
  stations.virtio_console_announce_port,
  (port: ConsolePort): void => {
    const { console, id } = port;
    virtioConsoleControlSend(console, { id, event: ConsoleEvent.DEVICE_ADD, value: 1 }, undefined);
    const name = new TextEncoder().encode(port.name).subarray(0, NAME_MAX);
    virtioConsoleControlSend(console, { id, event: ConsoleEvent.PORT_NAME, value: 1 }, name);
  },
  (emit, port) => emit(port.id),
);

/** Opens the port: at once for a guest that is ready, else when it becomes so. */
export const virtioConsoleOpenPort = station(
  stations.virtio_console_open_port,
  (port: ConsolePort, open: boolean): void => {
    const { console, id } = port;
    if (!console.ready) port.open = true;
    else virtioConsoleControlSend(console, { id, event: ConsoleEvent.PORT_OPEN, value: open ? 1 : 0 }, undefined);
  },
  (emit, port, open) => emit(port.id, open ? 1 : 0),
);
