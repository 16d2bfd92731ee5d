import { defineStations } from "../../../../../chain/station.ts";

/** The Linux guest's driver, with the framework it gives its bytes to; the guest runs it itself, it is found by its symbols. */

const CORE = "drivers/char/hw_random/core.c";
const RNG = "drivers/char/hw_random/virtio-rng.c";

const task = ["guest.task"] as const;
const irq = ["guest.irq"] as const;

export const driverStations = defineStations("guest", "torvalds/linux", {
  rng_dev_read: { file: CORE, contexts: task, about: "read() on /dev/hwrng", pointers: ["read"] },
  hwrng_fillfn: { file: CORE, contexts: task, about: "thread hwrng: feeds the kernel's pool", pointers: ["threadfn"] },
  virtio_read: {
    file: RNG,
    contexts: task,
    about: "hands out what it has, asks for more and waits for it",
    pointers: ["read"],
  },
  request_entropy: {
    file: RNG,
    contexts: task,
    about: "offers the buffer again and kicks",
    aliases: ["register_buffer"],
  },
  random_recv_done: { file: RNG, contexts: irq, about: "the buffer was used: wakes who waits", pointers: ["callback"] },
  virtrng_probe: { file: RNG, contexts: task, about: "sets the device up", pointers: ["probe"] },
});
