import type { LpcConfig, PciSlotConfig } from "../config.ts";
import { configuredTerminals } from "../hw/pci/configured.ts";
import type { DeviceClass } from "../hw/pci/device-class.ts";
import { DmOptionError } from "./error.ts";

/** Standard input serves one device of the whole process. Throws DmOptionError where two want it. */
export function checkStdio(
  slots: readonly PciSlotConfig[],
  lpc: readonly LpcConfig[],
  classes: readonly DeviceClass[],
): void {
  const users: string[] = [];
  // Without the bridge there are no UARTs, and the last option for one counts.
  const uarts = slots.some(({ emul }) => emul === "lpc") ? lpc : [];
  for (const [name, { backend }] of new Map(uarts.map((uart) => [uart.port.toLowerCase(), uart]))) {
    if (backend?.split(",", 1)[0] === "stdio") users.push(name);
  }
  for (const config of slots) {
    const { bus, slot, func, emul } = config;
    for (const { name, kind } of configuredTerminals(config, classes)) {
      if (kind === "stdio") users.push(`port ${name} of the ${emul} in ${bus}:${slot}:${func}`);
    }
  }
  if (users.length < 2) return;
  const advice = `${users.join(" and ")} want it. Give one of them stdio and the others pty, file or socket.`;
  throw new DmOptionError(1, "stdio is used by other device", advice);
}
