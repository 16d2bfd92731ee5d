import { station } from "../../../../../chain/announce.ts";
import { prErr } from "../../../../core/log.ts";
import { NULL, paddrGuest2host } from "../../../../core/vmmapi.ts";
import type { Iovec } from "../vq.ts";
import { ConsoleEvent, virtioConsoleControl } from "./abi.ts";
import type { ConsolePort, VirtioConsole } from "./console.ts";
import { virtioConsoleControlSend } from "./control-send.ts";
import { virtioConsoleAnnouncePort, virtioConsoleOpenPort } from "./ports.ts";
import { stations } from "./stations.ts";

/** Control messages from the guest (devicemodel/hw/pci/virtio/virtio_console.c). */

const { at } = virtioConsoleControl;

/**
 * A message in queue 3. DEVICE_READY is answered with what ports there are, PORT_READY of a console port with
 * CONSOLE_PORT; everything else is ignored, and so are the messages' values. A message shorter than its header is read
 * on into what follows in guest memory, as acrn-dm does.
 */
export const virtioConsoleControlTx = station(
  stations.virtio_console_control_tx,
  (port: ConsolePort, iov: Iovec): void => {
    const { console } = port;
    const { size } = virtioConsoleControl;
    if (iov.bytes.length < size) console.drops.shortControlMessage.note(console, iov.bytes.length);
    if (paddrGuest2host(console.vmctx, iov.address, size) === NULL) return;
    const { view } = console.vmctx.memory;
    const event = view.getUint16(iov.address + at.event, true);
    if (event === ConsoleEvent.DEVICE_READY) deviceReady(console);
    else if (event === ConsoleEvent.PORT_READY) portReady(console, view.getUint32(iov.address + at.id, true));
  },
  (emit, port, iov) => {
    const { view } = port.console.vmctx.memory;
    if (iov.bytes.length < virtioConsoleControl.size) return;
    const { address } = iov;
    emit(
      view.getUint32(address + at.id, true),
      view.getUint16(address + at.event, true),
      view.getUint16(address + at.value, true),
      iov.bytes.length,
    );
  },
);

function deviceReady(console: VirtioConsole): void {
  console.ready = true;
  for (const port of console.ports) {
    if (port.enabled) virtioConsoleAnnouncePort(port);
    if (port.open) virtioConsoleOpenPort(port, true);
  }
}

function portReady(console: VirtioConsole, id: number): void {
  if (id >= console.nports) {
    prErr(console, `VTCONSOLE_PORT_READY for unknown port ${id | 0}`);
    return;
  }
  if (!console.ports[id].isConsole) return;
  virtioConsoleControlSend(console, { id, event: ConsoleEvent.CONSOLE_PORT, value: 1 }, undefined);
}
