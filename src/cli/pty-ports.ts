import type { Overview } from "../model/protocol/debug.ts";

/**
 * Where the pseudo-terminals of ports are, a line each. acrn-dm tells it too, but between rows of stars, and not
 * for which port.
 */
export function ptyPorts({ devices }: Pick<Overview, "devices">): string[] {
  return devices
    .flatMap(({ terminals }) => terminals)
    .filter(({ kind, path }) => kind === "pty" && path !== undefined)
    .map(({ name, isConsole, path }) => `${isConsole ? "console port" : "port"} ${name}: ${path}`);
}
