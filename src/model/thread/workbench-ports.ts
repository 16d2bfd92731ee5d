import type { HostFile } from "../doors/host.ts";
import { MAX_KALLSYMS_BYTES } from "../guest/stack/kallsyms.ts";
import type { StateTable } from "../inspect/saved-state.ts";
import { declareState, part, plain, wiring } from "../inspect/state.ts";
import { type Collector, CollectorFile } from "../util/collector-file.ts";

/** Named ports the guest image writes to, and what ends a message on them. */
export const READY_PORT = "org.acrn-virtio.ready";
export const SYMBOLS_PORT = "org.acrn-virtio.kallsyms";
const ENDS: { readonly [port: string]: string } = { [READY_PORT]: "ready\n", [SYMBOLS_PORT]: "\n.\n" };

/** What the guest does when it reads this at the port it said "ready" on. */
const POWER_OFF = new TextEncoder().encode("poweroff\n");

/** Told once for each port, when its message is complete. */
type OnMessage = (port: string, text: () => string) => void;

/** The workbench's own end of one port: collects what the guest writes until its end is seen. */
class WorkbenchPort implements Collector {
  static readonly state = declareState<WorkbenchPort>("thread.WorkbenchPort", {
    name: wiring,
    file: part,
    complete: plain,
    onMessage: wiring,
  });
  readonly name: string;
  readonly file: CollectorFile = new CollectorFile(MAX_KALLSYMS_BYTES, this);
  complete = false;
  readonly onMessage: OnMessage;

  constructor(name: string, onMessage: OnMessage) {
    this.name = name;
    this.onMessage = onMessage;
  }

  written(file: CollectorFile): void {
    const end = ENDS[this.name];
    if (this.complete || end === undefined || !file.endsWith(end)) return;
    this.complete = true;
    this.onMessage(this.name, () => file.text());
    file.close();
  }
}

/** The workbench's own ends of all ports, in the order in which acrn-dm opened them. */
export class WorkbenchPorts {
  static readonly state = declareState<WorkbenchPorts>("thread.WorkbenchPorts", { ports: part, onMessage: wiring });
  readonly ports: WorkbenchPort[] = [];
  readonly onMessage: OnMessage;

  constructor(onMessage: OnMessage) {
    this.onMessage = onMessage;
  }

  /** Asks the guest to switch itself off; false when its user space is not up, or listens to nothing. */
  askForPowerOff(): boolean {
    // The guest's user space listens where it has said that it is ready.
    const listener = this.ports.findLast(({ name, complete }) => name === READY_PORT && complete);
    listener?.file.send(POWER_OFF);
    return listener !== undefined;
  }

  open(name: string): HostFile {
    const port = new WorkbenchPort(name, this.onMessage);
    this.ports.push(port);
    return port.file;
  }
}

/** What the machine's thread saves of its own. */
export const threadState: StateTable = { classes: [WorkbenchPorts, WorkbenchPort, CollectorFile] };
