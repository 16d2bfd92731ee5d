import { station } from "../../../../../chain/announce.ts";
import { prErr } from "../../../../core/log.ts";
import { vqEndchains, vqGetchain, vqHasDescs, vqRelchain } from "../vq.ts";
import { virtioConsoleControl } from "./abi.ts";
import type { VirtioConsole } from "./console.ts";
import { stations } from "./stations.ts";

/** Control messages to the guest (devicemodel/hw/pci/virtio/virtio_console.c). */

export interface ControlMessage {
  readonly id: number;
  readonly event: number;
  readonly value: number;
}

const HEADER = virtioConsoleControl.size;
const { at } = virtioConsoleControl;

/**
 * Sends one message on queue 2, with an interrupt of its own. It is lost when the guest has no buffer there.
 * acrn-dm does not look at the buffer's length and would write beyond a short one; here the message is cut.
 */
export const virtioConsoleControlSend = station(
  stations.virtio_console_control_send,
  (console: VirtioConsole, message: ControlMessage, payload: Uint8Array | undefined): void => {
    const vq = console.base.queues[console.controlPort.txq];
    const length = HEADER + (payload?.length ?? 0);
    if (!vqHasDescs(vq)) {
      console.drops.controlMessage.note(console, length);
      return;
    }
    const chain = console.controlChain;
    const count = vqGetchain(vq, chain);
    if (count < 1) {
      prErr(console, `vtcon: control_send vq_getchain error ${count}`);
      return;
    }
    const { bytes } = chain.iov[0];
    if (bytes.length < length) console.drops.shortControlBuffer.note(console, length - bytes.length);
    bytes.set(encode(message, payload).subarray(0, bytes.length));
    vqRelchain(vq, chain.idx, length);
    vqEndchains(vq, true);
  },
  (emit, _console, message, payload) => emit(message.id, message.event, message.value, HEADER + (payload?.length ?? 0)),
);

function encode(message: ControlMessage, payload: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(HEADER + (payload?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(at.id, message.id, true);
  view.setUint16(at.event, message.event, true);
  view.setUint16(at.value, message.value, true);
  if (payload !== undefined) bytes.set(payload, HEADER);
  return bytes;
}
