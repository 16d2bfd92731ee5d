/** What follows a device's name in `-s`. */

/** Why something cannot be had: acrn-dm's own words, and what is expected instead. */
export interface Refusal {
  readonly said: string;
  /** One sentence or more. */
  readonly advice: string;
}

/** A port with an end on the host, as the options ask for it. */
export interface TerminalOption {
  readonly name: string;
  /** What the end is: "stdio", "pty", "socket", "workbench" (this program itself), … */
  readonly kind: string;
  /** The guest has a terminal for it and may run a shell there. */
  readonly isConsole: boolean;
}

/** Where a device is among those the guest finds, in the order of their addresses. */
export interface KickPlace<Options = unknown> {
  /** Virtio devices in front of it; Linux numbers them so. */
  readonly virtioIndex: number;
  /** Options of the devices of the same class in front of it. */
  readonly before: readonly Options[];
}

/** How a queue comes to be kicked. */
export interface KickPlan {
  /** A line for the guest's shell; undefined for queues that are kicked only while the driver starts. */
  readonly provoke: string | undefined;
  /** No more kicks than that ever come; undefined: as many as are provoked. */
  readonly atMost?: { readonly kicks: number; readonly why: string };
}

/** What follows the device's name in `-s`. Options are plain data: they are sent between threads. */
export interface DeviceOptions<Options> {
  /** Lines for the help; without them the device takes no options. */
  readonly syntax?: string;
  /** Options that show how it is used. */
  readonly example?: string;
  /** `text`: undefined when nothing follows. */
  parse(text: string | undefined): { readonly options: Options } | { readonly refusal: Refusal };
  terminals?(options: Options): readonly TerminalOption[];
  /** The same with the terminal that is on standard input and output on a pseudo-terminal. */
  stdioToPty?(options: Options): Options;
  /** The same with kicks that reach iothreads through ioeventfds (mode B). */
  withIothread?(options: Options): Options;
  /** The queue that is traced when none is named; 0 without it. */
  readonly tracedQueue?: number;
  /** How kicks of a queue come about; `refusal` where they never would. */
  kick?(options: Options, queue: number, place: KickPlace<Options>): KickPlan | { readonly refusal: string };
}

/** Options of a class that has none; what is written there is ignored, as acrn-dm does. */
export const noOptions: DeviceOptions<undefined> = { parse: () => ({ options: undefined }) };
