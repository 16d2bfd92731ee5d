import { defineStruct } from "../../../../../abi/struct.ts";

/** What a virtio console and its driver share (virtio 1.3, 5.3). */

/** Configuration space of the console. */
export const virtioConsoleConfig = defineStruct("virtio_console_config", 12, "virtio 1.3, 5.3.4", {
  cols: { offset: 0, type: "u16", access: "ro", about: "columns, with F_SIZE" },
  rows: { offset: 2, type: "u16", access: "ro", about: "rows, with F_SIZE" },
  max_nr_ports: { offset: 4, type: "u32", access: "ro", about: "ports, with F_MULTIPORT" },
  emerg_wr: { offset: 8, type: "u32", about: "emergency output, with F_EMERG_WRITE" },
});

/** Feature bits of the console, as bit numbers. */
export const VirtioConsoleFeature = { SIZE: 0, MULTIPORT: 1, EMERG_WRITE: 2 } as const;

/** `event` of a control message, with the names of devicemodel/hw/pci/virtio/virtio_console.c. */
export const ConsoleEvent = {
  DEVICE_READY: 0,
  DEVICE_ADD: 1,
  DEVICE_REMOVE: 2,
  PORT_READY: 3,
  CONSOLE_PORT: 4,
  CONSOLE_RESIZE: 5,
  PORT_OPEN: 6,
  PORT_NAME: 7,
} as const;
export const consoleEventNames: { readonly [event: number]: string } = Object.fromEntries(
  Object.entries(ConsoleEvent).map(([name, event]) => [event, name]),
);

/** Header of a control message; PORT_NAME is followed by the name without a terminating zero. */
export const virtioConsoleControl = defineStruct("virtio_console_control", 8, "virtio 1.3, 5.3.6.2", {
  id: { offset: 0, type: "u32", about: "port; 0xffffffff with DEVICE_READY" },
  event: { offset: 4, type: "u16", about: "kind of message", values: { names: consoleEventNames } },
  value: { offset: 6, type: "u16", about: "1 or 0" },
});
