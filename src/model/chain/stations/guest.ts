import { defineStations } from "../station.ts";

/** Functions of a Linux guest that the chain passes through; the guest runs them itself, they are found by its symbols. */

const HVC = "drivers/tty/hvc/hvc_console.c";
const CONSOLE = "drivers/char/virtio_console.c";
const RING = "drivers/virtio/virtio_ring.c";
const COMMON = "drivers/virtio/virtio_pci_common.c";
const LEGACY = "drivers/virtio/virtio_pci_legacy.c";

const task = ["guest.task"] as const;
const irq = ["guest.irq"] as const;
const work = ["guest.work"] as const;
/** Output comes from processes and printk, and from kworkers that answer control messages. */
const taskOrWork = ["guest.task", "guest.work"] as const;
const anyContext = ["guest.task", "guest.irq", "guest.work"] as const;

export const guestStations = defineStations("guest", "torvalds/linux", {
  // From characters to the kick
  hvc_write: { file: HVC, contexts: task, about: "buffers the tty's output" },
  hvc_console_print: { file: HVC, contexts: task, about: "kernel log in chunks of 16 bytes, newlines become CR LF" },
  hvc_push: { file: HVC, contexts: anyContext, about: "drains the hvc buffer" },
  put_chars: { file: CONSOLE, contexts: task, about: "copies the characters and finds the console's port" },
  port_fops_write: { file: CONSOLE, contexts: task, about: "write() on /dev/vportNpM" },
  __send_to_port: {
    file: CONSOLE,
    contexts: task,
    about: "queues a buffer, kicks, and in blocking mode spins until it is used",
    aliases: ["send_buf"],
  },
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
  vring_interrupt: { file: RING, contexts: irq, about: "runs the queue's callback if the used ring has something new" },
  vp_interrupt: { file: COMMON, contexts: irq, about: "INTx: reads the ISR, then looks at all queues" },
  vp_vring_interrupt: { file: COMMON, contexts: irq, about: "looks at every queue that has a callback" },
  in_intr: { file: CONSOLE, contexts: irq, about: "input of a port: wakes readers, polls the console" },
  out_intr: { file: CONSOLE, contexts: irq, about: "output was used: wakes writers" },
  control_intr: { file: CONSOLE, contexts: irq, about: "control message: schedules its work" },
  control_work_handler: { file: CONSOLE, contexts: work, about: "takes control messages and gives their buffers back" },
  handle_control_message: { file: CONSOLE, contexts: work, about: "acts on one control message" },
  hvc_poll: { file: HVC, contexts: ["guest.irq", "guest.task"], about: "takes input of a console, pushes its output" },
  get_chars: { file: CONSOLE, contexts: ["guest.irq", "guest.task"], about: "characters of the console's port" },
  fill_readbuf: {
    file: CONSOLE,
    contexts: ["guest.irq", "guest.task"],
    about: "copies input, requeues an empty buffer",
  },
  add_inbuf: { file: CONSOLE, contexts: anyContext, about: "gives the device an input buffer and kicks" },
  // Probe
  virtio_pci_probe: { file: COMMON, contexts: task, about: "probes a virtio PCI function, modern first" },
  virtio_pci_legacy_probe: { file: LEGACY, contexts: task, about: "legacy device: registers in BAR 0" },
  virtio_dev_probe: { file: "drivers/virtio/virtio.c", contexts: task, about: "negotiates features, calls the driver" },
  virtcons_probe: { file: CONSOLE, contexts: task, about: "sets the console up, says DEVICE_READY" },
  init_vqs: { file: CONSOLE, contexts: task, about: "finds the 34 queues" },
  vp_find_vqs: { file: COMMON, contexts: task, about: "queues with MSI-X vectors, or with INTx" },
  setup_vq: { file: LEGACY, contexts: task, about: "gives one queue its ring and vector" },
  virtio_device_ready: { file: "include/linux/virtio_config.h", contexts: task, about: "sets DRIVER_OK" },
  fill_queue: { file: CONSOLE, contexts: taskOrWork, about: "fills an input queue with pages" },
  __send_control_msg: {
    file: CONSOLE,
    contexts: anyContext,
    about: "sends a control message and spins until it is used",
  },
  add_port: { file: CONSOLE, contexts: work, about: "makes a port, fills its input queue, says PORT_READY" },
  init_port_console: { file: CONSOLE, contexts: work, about: "hooks a port up as /dev/hvcN, says PORT_OPEN" },
  hvc_alloc: { file: HVC, contexts: work, about: "makes an hvc console" },
});
