import { defineStations } from "../../../../../chain/station.ts";
import { boot, device, loop, queue, vcpu } from "../../../../../chain/stations/device-model/shared.ts";

/** acrn-dm's virtio-rnd. */

const RND = "devicemodel/hw/pci/virtio/virtio_rnd.c";

export const stations = defineStations("device-model", "projectacrn/acrn-hypervisor", {
  virtio_rnd_init: {
    file: RND,
    contexts: boot,
    about: "makes the entropy device, opens /dev/random and starts the device's thread",
    pointers: ["vdev_init", "init"],
    values: { bus: "dec", slot: "dec", func: "dec" },
  },
  virtio_rnd_kernel_init: {
    file: RND,
    contexts: boot,
    about: "asks the Service VM's kernel to serve the device (VBS-K), which it cannot",
  },
  virtio_rnd_notify: {
    file: RND,
    contexts: queue,
    about: "kick: wakes the device's thread, unless that is at work",
    pointers: ["qnotify", "notify", "iothread_run"],
    values: { queue: "dec", last_avail: "dec", in_progress: "bool" },
  },
  virtio_rnd_get_entropy: {
    file: RND,
    contexts: device,
    about: "the device's thread: fills what buffers there are from /dev/random",
  },
  virtio_rnd_reset: {
    file: RND,
    contexts: [...vcpu, ...loop],
    about: "the guest, or the end of the device, resets it",
    pointers: ["reset"],
  },
  virtio_rnd_deinit: {
    file: RND,
    contexts: loop,
    about: "ends the thread and closes /dev/random",
    pointers: ["vdev_deinit", "deinit"],
  },
});
