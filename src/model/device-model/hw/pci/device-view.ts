import type { Frame } from "../../../chain/context.ts";
import type { Node } from "../../../inspect/node.ts";
import type { Section } from "../../../inspect/section.ts";
import type { PciVdev } from "./vdev.ts";
import type { VirtioVqInfo } from "./virtio/virtqueue.ts";

/** How a device shows itself. */

/** Whose bytes go where. */
export type Direction = "guest to host" | "host to guest";

export interface QueuePurpose {
  /** A name or word: "control", the name of a port. */
  readonly purpose?: string;
  readonly direction?: Direction;
}

/** A port with an end on the host. It is read when asked, and lives as long as its device. */
export interface Terminal {
  /** Its number in the device. */
  readonly id: number;
  readonly name: string;
  /** The guest has a terminal for it and may run a shell there. */
  readonly isConsole: boolean;
  /** The host's side is open. */
  readonly open: boolean;
  /** What the host's end is, as in {@link TerminalOption}; undefined while there is none. */
  readonly kind: string | undefined;
  /** Of the pseudo-terminal's slave, terminal, file or socket. */
  readonly path: string | undefined;
  /** Of a socket: a server listens at the path, a client is connected to it. */
  readonly socketType: "server" | "client" | undefined;
  /** There is somewhere to write to. */
  readonly connected: boolean;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** Something went wrong in the device. */
export interface DeviceFault {
  readonly description: string;
  /** "virtio 1.3, 2.7.5.3.1: …", or an ACRN file and function. */
  readonly rule: string;
  /** More, a line each. */
  readonly details: readonly string[];
}

/** An exception a debugger may stop at, decided where one of `stations` is entered. */
export interface DeviceException {
  /** The filter's id. */
  readonly id: string;
  /** For a list of exceptions. */
  readonly label: string;
  readonly stations: readonly string[];
  /** `caller`: the station it was called from. */
  detect(frame: Frame, caller: string | undefined): DeviceFault | undefined;
}

export interface DeviceView {
  /** What it has behind its registers and queues; `path`: of the device. */
  nodes?(dev: PciVdev, path: string): readonly Node[];
  /** One of its structures, as an argument of a station is one; undefined when it is none. `name` in place of its own. */
  describe?(value: unknown, name?: string): Node | undefined;
  /** The function one of its structures belongs to. */
  deviceOf?(value: unknown): PciVdev | undefined;
  /** Names its structures have as arguments, wherever they occur. */
  readonly argumentNames?: readonly string[];
  /** Names for numbers in expressions. */
  readonly enumerations?: { readonly [name: string]: { readonly [enumerator: string]: number } };
  queuePurpose?(vq: VirtioVqInfo): QueuePurpose;
  /** For the overview. */
  sections?(dev: PciVdev): readonly Section[];
  terminals?(dev: PciVdev): readonly Terminal[];
  readonly exceptions?: readonly DeviceException[];
}
