import type { Frame } from "../../../../../chain/context.ts";
import type { DeviceFault, DeviceView } from "../../device-view.ts";
import type { PciVdev } from "../../vdev.ts";
import type { VirtioBase } from "../base.ts";
import { ConsoleEvent } from "./abi.ts";
import type { ConsoleBackend } from "./backend.ts";
import { consoleOf } from "./console.ts";
import { consoleNode, describeConsole, deviceOfConsole } from "./inspect.ts";
import { purposeOf, sectionsOf, terminalsOf } from "./terminals.ts";

/** What acrn-dm closes by itself, at its end, is not lost; neither is a connection that has gone before. */
function backendLost({ station, args }: Frame, caller: string | undefined): DeviceFault | undefined {
  const be = args[0] as ConsoleBackend;
  if (be.fd === undefined || caller === "virtio_console_close_backend") return undefined;
  const port = be.port === undefined ? "a port" : `port ${be.port.id} (${be.port.name})`;
  return {
    description: `the ${be.beType} backend of ${port} is lost`,
    rule: `devicemodel/hw/pci/virtio/virtio_console.c, ${station.id}: output of the guest is dropped from here on`,
    details: [
      `${be.bytesWritten} bytes written, ${be.bytesRead} read`,
      ...(be.portpath === undefined ? [] : [be.portpath]),
    ],
  };
}

const baseOf = (dev: PciVdev): VirtioBase => dev.arg as VirtioBase;

export const consoleView: DeviceView = {
  nodes: (dev, path) => [consoleNode(consoleOf(baseOf(dev)), path)],
  describe: describeConsole,
  deviceOf: deviceOfConsole,
  argumentNames: ["console", "port", "be"],
  enumerations: { ConsoleEvent },
  queuePurpose: purposeOf,
  sections: (dev) => sectionsOf(baseOf(dev)),
  terminals: (dev) => terminalsOf(baseOf(dev)),
  exceptions: [
    {
      id: "backendLost",
      label: "A console backend is lost",
      stations: ["virtio_console_reset_backend", "virtio_console_socket_clear"],
      detect: backendLost,
    },
  ],
};
