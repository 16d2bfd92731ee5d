import type { HostFile } from "../doors/host.ts";
import { MAX_KALLSYMS_BYTES } from "../guest/stack/kallsyms.ts";
import { CollectorFile } from "../util/collector-file.ts";

/** Named ports the guest image writes to, and what ends a message on them. */
export const READY_PORT = "org.acrn-virtio.ready";
export const SYMBOLS_PORT = "org.acrn-virtio.kallsyms";
const ENDS: { readonly [port: string]: string } = { [READY_PORT]: "ready\n", [SYMBOLS_PORT]: "\n.\n" };

/** The workbench's own ends of console ports: collects what the guest writes until its end is seen. */
export class WorkbenchPorts {
  readonly #onMessage: (port: string, text: () => string) => void;

  /** `onMessage` is called once for each port, when its message is complete. */
  constructor(onMessage: (port: string, text: () => string) => void) {
    this.#onMessage = onMessage;
  }

  open(name: string): HostFile {
    let complete = false;
    return new CollectorFile(MAX_KALLSYMS_BYTES, (file) => {
      const end = ENDS[name];
      if (complete || end === undefined || !file.endsWith(end)) return;
      complete = true;
      this.#onMessage(name, () => file.text());
      file.close();
    });
  }
}
