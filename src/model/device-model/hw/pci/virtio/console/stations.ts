import { defineStations } from "../../../../../chain/station.ts";
import { boot, loop, queue, startOrVcpu, vcpu } from "../../../../../chain/stations/device-model/shared.ts";
import { lastAvail } from "../../../../../chain/stations/state-values.ts";
import { consoleEventNames } from "./abi.ts";

/** acrn-dm's virtio-console. */

const CONSOLE = "devicemodel/hw/pci/virtio/virtio_console.c";

export const stations = defineStations("device-model", "projectacrn/acrn-hypervisor", {
  virtio_console_init: {
    file: CONSOLE,
    contexts: boot,
    about: "makes the console with its ports",
    pointers: ["vdev_init", "init"],
    values: { bus: "dec", slot: "dec", func: "dec" },
  },
  virtio_console_add_backends: {
    file: CONSOLE,
    contexts: boot,
    about: "makes the ports of the option",
  },
  virtio_console_add_backend: {
    file: CONSOLE,
    contexts: boot,
    about: "makes one port with its backend",
    values: { ports: "dec" },
  },
  virtio_console_open_backend: {
    file: CONSOLE,
    contexts: boot,
    about: "opens the backend's file",
  },
  virtio_console_config_backend: {
    file: CONSOLE,
    contexts: boot,
    about: "prepares the backend's file",
  },
  virtio_console_add_port: {
    file: CONSOLE,
    contexts: boot,
    about: "takes the next port; sets its callback",
    values: { ports: "dec", console: "bool" },
  },
  virtio_console_open_port: {
    file: CONSOLE,
    contexts: startOrVcpu,
    about: "opens a port for the guest",
    values: { port: "dec", open: "bool" },
  },
  virtio_console_announce_port: {
    file: CONSOLE,
    contexts: queue,
    about: "tells the guest that a port exists, and its name",
    values: { port: "dec" },
  },
  virtio_console_reset: {
    file: CONSOLE,
    contexts: vcpu,
    about: "the guest resets the console",
    pointers: ["reset"],
  },
  virtio_console_neg_features: {
    file: CONSOLE,
    contexts: vcpu,
    about: "keeps the negotiated features",
    pointers: ["apply_features"],
    values: { features: "hex" },
  },
  virtio_console_cfgread: {
    file: CONSOLE,
    contexts: vcpu,
    about: "reads device configuration",
    pointers: ["cfgread"],
    values: { offset: "dec", size: "dec" },
  },
  virtio_console_notify_tx: {
    file: CONSOLE,
    contexts: queue,
    about: "kick of an odd queue: takes the guest's output",
    pointers: ["notify", "iothread_run", "qnotify"],
    values: { queue: "dec", last_avail: lastAvail },
  },
  virtio_console_notify_rx: {
    file: CONSOLE,
    contexts: queue,
    about: "kick of an even queue: the guest has input buffers",
    pointers: ["notify", "iothread_run", "qnotify"],
    values: { queue: "dec", rx_ready: "bool" },
  },
  virtio_console_control_tx: {
    file: CONSOLE,
    contexts: queue,
    about: "control message from the guest",
    pointers: ["cb"],
    values: { id: "dec", event: consoleEventNames, value: "dec", len: "dec" },
  },
  virtio_console_control_send: {
    file: CONSOLE,
    contexts: queue,
    about: "control message to the guest",
    values: { id: "dec", event: consoleEventNames, value: "dec", len: "dec" },
  },
  virtio_console_backend_write: {
    file: CONSOLE,
    contexts: queue,
    about: "writes the guest's output to the backend",
    pointers: ["cb"],
    values: { port: "dec", len: "dec" },
  },
  virtio_console_backend_read: {
    file: CONSOLE,
    contexts: loop,
    about: "reads the backend's input into the guest's buffers",
    pointers: ["run"],
    values: { port: "dec", open: "bool", rx_ready: "bool" },
  },
  virtio_console_accept_new_connection: {
    file: CONSOLE,
    contexts: loop,
    about: "accepts a socket client",
    pointers: ["run"],
    values: { port: "dec" },
  },
  virtio_console_reset_backend: {
    file: CONSOLE,
    contexts: queue,
    about: "closes a backend after an error",
    values: { port: "dec" },
  },
  virtio_console_socket_clear: {
    file: CONSOLE,
    contexts: queue,
    about: "ends a server's connection",
    values: { port: "dec" },
  },
  virtio_console_close_backend: {
    file: CONSOLE,
    contexts: loop,
    about: "closes a backend at the end",
    pointers: ["teardown"],
    values: { port: "dec" },
  },
  virtio_console_close_all: {
    file: CONSOLE,
    contexts: loop,
    about: "closes all backends",
    pointers: ["vdev_deinit", "deinit"],
  },
});
