import type { VirtioVqInfo } from "../device-model/hw/pci/virtio/virtqueue.ts";
import { type DescriptorPlace, type VqFault, vqFaultMessage } from "../device-model/hw/pci/virtio/vq-fault.ts";
import { toHex } from "../inspect/format.ts";
import type { Fault } from "./exceptions.ts";

/** What a driver has done wrong with a queue, for people: the rule it broke, and where. */

const RULES: { readonly [kind in VqFault["kind"]]: string } = {
  availAhead: "virtio 1.3, 2.7.6: avail.idx is ahead of the device by the queue's size at most",
  index: "virtio 1.3, 2.7.5: a chain's head and next are below the queue's size",
  loop: "virtio 1.3, 2.7.5.2: loops in a descriptor chain are forbidden",
  indirectNotOffered: "virtio 1.3, 2.7.5.3.1: INDIRECT only if VIRTIO_F_INDIRECT_DESC was negotiated",
  indirectLength: "virtio 1.3, 2.7.5.3: an indirect table is a multiple of 16 bytes, and not empty",
  indirectOutsideRam: "virtio 1.3, 2.7.5.3: an indirect table is inside the guest's memory",
  indirectNested: "virtio 1.3, 2.7.5.3.1: no INDIRECT within an indirect descriptor",
  indirectNext: "virtio 1.3, 2.7.5.3: next refers to a descriptor of the indirect table",
  addressOutsideRam: "virtio 1.3, 2.7.5: addr is a guest-physical address of the guest's memory",
  lengthBeyondRam: "virtio 1.3, 2.7.5: addr and len are a buffer that is inside the guest's memory as a whole",
  tooManyBuffers: "devicemodel/hw/pci/virtio/virtio.c, vq_getchain: a chain has as many buffers as the device takes",
};

export function chainFault(vq: VirtioVqInfo, fault: VqFault): Fault {
  const { dev, vops } = vq.base;
  return {
    id: "malformedChain",
    description: vqFaultMessage(vops.name, fault),
    rule: RULES[fault.kind],
    details: [`queue ${vq.num} of ${dev.name} (slot ${dev.slot})`, ...whatIsWrong(fault), consequence(vq, fault)],
  };
}

const consequence = (vq: VirtioVqInfo, { kind }: VqFault): string =>
  kind === "availAhead"
    ? `no chain is taken: last_avail stays ${vq.lastAvail}`
    : "the chain is consumed, but never reaches the used ring";

const placeOf = ({ descriptor, entry }: DescriptorPlace): string =>
  entry === undefined ? `descriptor ${descriptor}` : `entry ${entry} of the indirect table of descriptor ${descriptor}`;

const memoryOf = ({ address, length }: { readonly address: bigint; readonly length: number }): string =>
  `addr 0x${address.toString(16)}, len ${length}`;

function whatIsWrong(fault: VqFault): string[] {
  switch (fault.kind) {
    case "availAhead":
      return [`avail.idx is ${fault.ahead} ahead of last_avail, in a queue of ${fault.limit}`];
    case "index": {
      const what = fault.after === undefined ? "the chain's head" : `next of descriptor ${fault.after}`;
      return [`${what} is ${fault.index}, in a queue of ${fault.limit}`];
    }
    case "loop":
      return [`${fault.count} descriptors and no end; acrn-dm follows ${fault.limit}`];
    case "indirectNotOffered":
      return [`descriptor ${fault.descriptor} has the flag INDIRECT, which the device does not offer`];
    case "indirectLength":
      return [`descriptor ${fault.descriptor}: len ${fault.length} of an indirect table`];
    case "indirectOutsideRam":
      return [`descriptor ${fault.descriptor}: indirect table at ${memoryOf(fault)}`, ram(fault.limit)];
    case "indirectNested":
      return [`${placeOf(fault)} has the flag INDIRECT`];
    case "indirectNext":
      return [`${placeOf(fault)}: next is ${fault.next}, in a table of ${fault.limit}`];
    case "addressOutsideRam":
      return [`${placeOf(fault)}: ${memoryOf(fault)}: the buffer begins outside of RAM`, ram(fault.limit)];
    case "lengthBeyondRam":
      return [`${placeOf(fault)}: ${memoryOf(fault)}: the buffer ends beyond RAM`, ram(fault.limit)];
    case "tooManyBuffers":
      return [`${placeOf(fault)} is one buffer more than the ${fault.limit} the device takes; perhaps a loop`];
  }
}

const ram = (bytes: number): string => `RAM ends at ${toHex(bytes)}`;
