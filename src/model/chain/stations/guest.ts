import { defineStations } from "../station.ts";

/** Functions of a Linux guest that every chain passes through, whatever the driver; found by the guest's symbols. */

const RING = "drivers/virtio/virtio_ring.c";
const COMMON = "drivers/virtio/virtio_pci_common.c";
const X86 = "arch/x86/kernel";
const LEGACY = "drivers/virtio/virtio_pci_legacy.c";

const task = ["guest.task"] as const;
const irq = ["guest.irq"] as const;
/** Output comes from processes and printk, and from kworkers that answer control messages. */
const taskOrWork = ["guest.task", "guest.work"] as const;
const anyContext = ["guest.task", "guest.irq", "guest.work"] as const;

export const guestStations = defineStations("guest", "torvalds/linux", {
  // From characters to the kick
  virtqueue_add_outbuf: {
    file: RING,
    contexts: taskOrWork,
    about: "adds a buffer the device reads",
    aliases: ["virtqueue_add_buf"],
  },
  virtqueue_add_inbuf: {
    file: RING,
    contexts: anyContext,
    about: "adds a buffer the device writes",
    aliases: ["virtqueue_add_buf"],
  },
  virtqueue_add_split: {
    file: RING,
    contexts: anyContext,
    about: "fills descriptors and the available ring",
    aliases: ["virtqueue_add"],
  },
  virtqueue_kick: { file: RING, contexts: anyContext, about: "kicks if the device wants it" },
  virtqueue_kick_prepare: { file: RING, contexts: anyContext, about: "does the device want a kick?" },
  virtqueue_kick_prepare_split: {
    file: RING,
    contexts: anyContext,
    about: "looks at used->flags, or at avail_event with EVENT_IDX",
    aliases: ["virtqueue_kick_prepare"],
  },
  virtqueue_notify: {
    file: RING,
    contexts: anyContext,
    about: "calls the transport's notify unless the queue is broken",
  },
  vp_notify: { file: COMMON, contexts: anyContext, about: "writes the queue's number to the notify register" },
  virtqueue_get_buf: { file: RING, contexts: anyContext, about: "takes the next used buffer" },
  // Interrupts and input
  common_interrupt: {
    file: `${X86}/irq.c`,
    contexts: irq,
    about: "a device's vector: calls what handles its interrupt line",
    aliases: ["do_IRQ"],
  },
  apic_ack_edge: {
    file: `${X86}/apic/vector.c`,
    contexts: irq,
    about: "EOI of an edge-triggered interrupt, before its handlers run",
  },
  ioapic_ack_level: {
    file: `${X86}/apic/io_apic.c`,
    contexts: irq,
    about: "EOI of a level-triggered interrupt, after its handlers have run",
    aliases: ["ack_ioapic_level"],
  },
  vring_interrupt: { file: RING, contexts: irq, about: "runs the queue's callback if the used ring has something new" },
  vp_interrupt: { file: COMMON, contexts: irq, about: "INTx: reads the ISR, then looks at all queues" },
  vp_vring_interrupt: { file: COMMON, contexts: irq, about: "looks at every queue that has a callback" },
  // Probe
  virtio_pci_probe: { file: COMMON, contexts: task, about: "probes a virtio PCI function, modern first" },
  virtio_pci_legacy_probe: { file: LEGACY, contexts: task, about: "legacy device: registers in BAR 0" },
  virtio_dev_probe: { file: "drivers/virtio/virtio.c", contexts: task, about: "negotiates features, calls the driver" },
  vp_find_vqs: { file: COMMON, contexts: task, about: "queues with MSI-X vectors, or with INTx" },
  setup_vq: { file: LEGACY, contexts: task, about: "gives one queue its ring and vector" },
  virtio_device_ready: { file: "include/linux/virtio_config.h", contexts: task, about: "sets DRIVER_OK" },
});

/** What every interrupt of any device passes: it is no place to step to. */
export const interruptEntry: readonly string[] = ["common_interrupt", "apic_ack_edge", "ioapic_ack_level"];
