import type { Overview } from "../model/protocol/debug.ts";

/**
 * Where the pseudo-terminals of console ports are, a line each. acrn-dm tells it too, but between rows of stars, and not
 * for which port.
 */
export function ptyPorts({ devices }: Pick<Overview, "devices">): string[] {
  return devices
    .flatMap(({ virtio }) => virtio?.ports ?? [])
    .filter(({ backend }) => backend?.type === "pty" && backend.path !== undefined)
    .map(({ name, isConsole, backend }) => `${isConsole ? "console port" : "port"} ${name}: ${backend?.path}`);
}
