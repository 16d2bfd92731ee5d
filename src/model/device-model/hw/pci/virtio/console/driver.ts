import { defineStations } from "../../../../../chain/station.ts";

/** The Linux guest's driver, with the terminal layer behind it; the guest runs it itself, it is found by its symbols. */

const HVC = "drivers/tty/hvc/hvc_console.c";
const CONSOLE = "drivers/char/virtio_console.c";

const task = ["guest.task"] as const;
const irq = ["guest.irq"] as const;
const work = ["guest.work"] as const;
/** Output comes from processes and printk, and from kworkers that answer control messages. */
const taskOrWork = ["guest.task", "guest.work"] as const;
const anyContext = ["guest.task", "guest.irq", "guest.work"] as const;

export const driverStations = defineStations("guest", "torvalds/linux", {
  hvc_write: { file: HVC, contexts: task, about: "buffers the tty's output", pointers: ["write"] },
  hvc_console_print: { file: HVC, contexts: task, about: "kernel log in chunks of 16 bytes, newlines become CR LF" },
  hvc_push: { file: HVC, contexts: anyContext, about: "drains the hvc buffer" },
  put_chars: {
    file: CONSOLE,
    contexts: task,
    about: "copies the characters and finds the console's port",
    pointers: ["put_chars"],
  },
  port_fops_write: { file: CONSOLE, contexts: task, about: "write() on /dev/vportNpM", pointers: ["write"] },
  __send_to_port: {
    file: CONSOLE,
    contexts: task,
    about: "queues a buffer, kicks, and in blocking mode spins until it is used",
    aliases: ["send_buf"],
  },
  in_intr: {
    file: CONSOLE,
    contexts: irq,
    about: "input of a port: wakes readers, polls the console",
    pointers: ["callback"],
  },
  out_intr: { file: CONSOLE, contexts: irq, about: "output was used: wakes writers", pointers: ["callback"] },
  control_intr: { file: CONSOLE, contexts: irq, about: "control message: schedules its work", pointers: ["callback"] },
  control_work_handler: {
    file: CONSOLE,
    contexts: work,
    about: "takes control messages and gives their buffers back",
    pointers: ["func", "current_func"],
  },
  handle_control_message: { file: CONSOLE, contexts: work, about: "acts on one control message" },
  hvc_poll: { file: HVC, contexts: ["guest.irq", "guest.task"], about: "takes input of a console, pushes its output" },
  get_chars: {
    file: CONSOLE,
    contexts: ["guest.irq", "guest.task"],
    about: "characters of the console's port",
    pointers: ["get_chars"],
  },
  fill_readbuf: {
    file: CONSOLE,
    contexts: ["guest.irq", "guest.task"],
    about: "copies input, requeues an empty buffer",
  },
  add_inbuf: { file: CONSOLE, contexts: anyContext, about: "gives the device an input buffer and kicks" },
  virtcons_probe: {
    file: CONSOLE,
    contexts: task,
    about: "sets the console up, says DEVICE_READY",
    pointers: ["probe"],
  },
  init_vqs: { file: CONSOLE, contexts: task, about: "finds the 34 queues" },
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
