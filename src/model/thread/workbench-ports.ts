import type { HostFile } from "../doors/host.ts";
import { MAX_KALLSYMS_BYTES } from "../guest/stack/kallsyms.ts";
import { CollectorFile } from "../util/collector-file.ts";

/** Named ports the guest image writes to, and what ends a message on them. */
export const READY_PORT = "org.acrn-virtio.ready";
export const SYMBOLS_PORT = "org.acrn-virtio.kallsyms";
const ENDS: { readonly [port: string]: string } = { [READY_PORT]: "ready\n", [SYMBOLS_PORT]: "\n.\n" };

/** What the guest does when it reads this at the port it said "ready" on. */
const POWER_OFF = new TextEncoder().encode("poweroff\n");

/** The workbench's own ends of ports: collects what the guest writes until its end is seen. */
export class WorkbenchPorts {
  /** The guest's user space listens here. */
  #listener: CollectorFile | undefined;
  readonly #onMessage: (port: string, text: () => string) => void;

  /** `onMessage` is called once for each port, when its message is complete. */
  constructor(onMessage: (port: string, text: () => string) => void) {
    this.#onMessage = onMessage;
  }

  /** Asks the guest to switch itself off; false when its user space is not up, or listens to nothing. */
  askForPowerOff(): boolean {
    this.#listener?.send(POWER_OFF);
    return this.#listener !== undefined;
  }

  open(name: string): HostFile {
    let complete = false;
    return new CollectorFile(MAX_KALLSYMS_BYTES, (file) => {
      const end = ENDS[name];
      if (complete || end === undefined || !file.endsWith(end)) return;
      complete = true;
      this.#onMessage(name, () => file.text());
      file.close();
      if (name === READY_PORT) this.#listener = file;
    });
  }
}
