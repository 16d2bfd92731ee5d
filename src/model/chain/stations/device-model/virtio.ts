import type { StationInfo } from "../../station.ts";
import { availIdx, lastAvail, usedIdx } from "../state-values.ts";
import { boot, io, loop, queue, startOrVcpu, vcpu } from "./shared.ts";

/** acrn-dm's virtio devices and virtqueues. */

const VIRTIO = "devicemodel/hw/pci/virtio/virtio.c";
const VIRTIO_H = "devicemodel/include/virtio.h";

export const virtioStations = {
  // Virtio devices
  virtio_linkup: {
    file: VIRTIO,
    contexts: boot,
    about: "ties a virtio device to its PCI function",
    values: { queues: "dec" },
  },
  virtio_intr_init: {
    file: VIRTIO,
    contexts: boot,
    about: "MSI-X, MSI and INTx of a virtio device",
    values: { bar: "dec", msix: "bool" },
  },
  virtio_interrupt_init: {
    file: VIRTIO,
    contexts: boot,
    about: "the same with the MSI-X table in BAR 1",
    values: { msix: "bool" },
  },
  virtio_set_io_bar: {
    file: VIRTIO,
    contexts: boot,
    about: "the legacy register block as I/O BAR",
    values: { bar: "dec" },
  },
  virtio_reset_dev: {
    file: VIRTIO,
    contexts: startOrVcpu,
    about: "erases queues, features and vectors",
  },
  virtio_pci_read: {
    file: VIRTIO,
    contexts: vcpu,
    about: "which part of a virtio device a BAR read means",
    values: { bar: "dec", offset: "dec", size: "dec" },
  },
  virtio_pci_write: {
    file: VIRTIO,
    contexts: vcpu,
    about: "which part of a virtio device a BAR write means",
    values: { bar: "dec", offset: "dec", size: "dec", value: "hex" },
  },
  virtio_pci_legacy_read: {
    file: VIRTIO,
    contexts: vcpu,
    about: "reads a legacy register",
    values: { offset: "dec", size: "dec" },
  },
  virtio_pci_legacy_write: {
    file: VIRTIO,
    contexts: vcpu,
    about: "writes a legacy register; QUEUE_NOTIFY runs the queue's notify",
    values: { offset: "dec", size: "dec", value: "hex" },
  },
  virtio_notify_cfg_write: {
    file: VIRTIO,
    contexts: vcpu,
    about: "modern MMIO notify region (no device of this machine has one)",
    needs: "modernTransport",
  },
  virtio_pci_modern_pio_write: {
    file: VIRTIO,
    contexts: vcpu,
    about: "modern notify port (no device of this machine has one)",
    needs: "modernTransport",
  },
  virtio_pci_status_handler: {
    file: VIRTIO,
    contexts: vcpu,
    about: "the guest wrote the status: reset, or registration of kicks",
    values: { status: "hex" },
  },
  virtio_vq_init: {
    file: VIRTIO,
    contexts: vcpu,
    about: "maps a queue the guest has given its page",
    values: { queue: "dec", pfn: "hex" },
  },
  virtio_set_iothread: {
    file: VIRTIO,
    contexts: vcpu,
    about: "registers or unregisters the kicks of all queues",
    values: { register: "bool" },
    needs: "iothread",
  },
  virtio_register_ioeventfd: {
    file: VIRTIO,
    contexts: vcpu,
    about: "asks the kernel for an eventfd signal at a queue's kick",
    values: { queue: "dec", register: "bool", fd: "dec", address: "hex" },
    needs: "iothread",
  },
  iothread_handler: {
    file: VIRTIO,
    contexts: io,
    about: "clears the eventfd and runs the queue's notify",
    values: { queue: "dec" },
    needs: "iothread",
  },
  virtio_poll_timer: {
    file: VIRTIO,
    contexts: loop,
    about: "polls all ready queues (--virtio_poll is not modelled)",
    needs: "polling",
  },
  // Virtqueues
  vq_has_descs: {
    file: VIRTIO_H,
    contexts: queue,
    about: "is a chain available?",
    values: { queue: "dec", last_avail: lastAvail, avail_idx: availIdx },
  },
  vq_getchain: {
    file: VIRTIO,
    contexts: queue,
    about: "takes the next chain",
    values: { queue: "dec", last_avail: lastAvail },
  },
  vq_retchain: {
    file: VIRTIO,
    contexts: loop,
    about: "gives the chain taken last back",
    values: { queue: "dec", last_avail: lastAvail },
  },
  vq_relchain: {
    file: VIRTIO,
    contexts: queue,
    about: "returns a chain in the used ring",
    values: { queue: "dec", idx: "dec", len: "dec", used_idx: usedIdx },
  },
  vq_endchains: {
    file: VIRTIO,
    contexts: queue,
    about: "ends a round and decides on an interrupt",
    values: { queue: "dec", save_used: "dec", used_idx: usedIdx, used_all: "bool" },
  },
  vq_interrupt: {
    file: VIRTIO_H,
    contexts: queue,
    about: "chooses MSI-X, MSI or INTx",
    values: { queue: "dec", vector: "dec", msix: "bool" },
  },
} as const satisfies { readonly [id: string]: StationInfo };
