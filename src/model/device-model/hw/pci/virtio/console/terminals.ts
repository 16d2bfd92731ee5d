import { phrase, type Section } from "../../../../../inspect/section.ts";
import type { QueuePurpose, Terminal } from "../../device-view.ts";
import type { VirtioBase } from "../base.ts";
import type { VirtioVqInfo } from "../virtqueue.ts";
import { isSocketClient } from "./backend.ts";
import { type ConsolePort, consoleOf } from "./console.ts";
import { virtioConsoleVqToPort } from "./ports.ts";

/** What others want to know of a console's ports. */

/** Even queues carry bytes to the guest, odd ones from it (virtio 1.3, 5.3.2). */
export function purposeOf({ base, num }: VirtioVqInfo): QueuePurpose {
  const console = consoleOf(base);
  const port = virtioConsoleVqToPort(console, base.queues[num]);
  const purpose = port === console.controlPort ? "control" : port.name || `port ${console.ports.indexOf(port)}`;
  return { purpose, direction: num % 2 === 0 ? "host to guest" : "guest to host" };
}

class PortTerminal implements Terminal {
  readonly #port: ConsolePort;

  constructor(port: ConsolePort) {
    this.#port = port;
  }

  get id(): number {
    return this.#port.id;
  }
  get name(): string {
    return this.#port.name;
  }
  get isConsole(): boolean {
    return this.#port.isConsole;
  }
  get open(): boolean {
    return this.#port.open;
  }
  get kind(): string | undefined {
    return this.#port.backend?.beType;
  }
  get path(): string | undefined {
    const { backend } = this.#port;
    return backend?.pty?.slave ?? backend?.portpath;
  }
  get socketType(): "server" | "client" | undefined {
    const { backend } = this.#port;
    if (backend?.beType !== "socket") return undefined;
    return isSocketClient(backend) ? "client" : "server";
  }
  get connected(): boolean {
    return this.#port.backend?.fd !== undefined;
  }
  get bytesRead(): number {
    return this.#port.backend?.bytesRead ?? 0;
  }
  get bytesWritten(): number {
    return this.#port.backend?.bytesWritten ?? 0;
  }
}

/** The ports the command line has asked for. */
export function terminalsOf(base: VirtioBase): readonly Terminal[] {
  const { ports, nports } = consoleOf(base);
  return ports.slice(0, nports).map((port) => new PortTerminal(port));
}

/** A section for each port. */
export const sectionsOf = (base: VirtioBase): readonly Section[] => terminalsOf(base).map(section);

function section(port: Terminal): Section {
  const { id, name, isConsole, open, kind, path, connected, bytesRead, bytesWritten } = port;
  return {
    id: `port/${id}`,
    label: phrase("port {0}", id),
    value: `${name}: ${[kind, path].filter(Boolean).join(" ")}`,
    icon: isConsole ? "terminal" : "plug",
    ...(path === undefined ? {} : { path }),
    rows: [
      { id: "open", label: phrase("open"), value: open },
      ...(kind === undefined
        ? []
        : [
            { id: "backend", label: phrase("backend"), value: kind },
            { id: "connected", label: phrase("connected"), value: connected },
            { id: "out", label: phrase("guest to host"), value: phrase("{0} bytes", bytesWritten) },
            { id: "in", label: phrase("host to guest"), value: phrase("{0} bytes", bytesRead) },
          ]),
    ],
  };
}
