/** What a case of the fuzzer is: a machine, and what its guest and its host do. Plain data, kept as JSON. */

export type Size = 1 | 2 | 4 | 8;

export interface MachineChoice {
  readonly vcpus: number;
  /** Options of the console at slot 3; with `iothread` the kick goes over an ioeventfd (mode B). */
  readonly console: string;
  /** Besides it: the workbench's own console at slot 31, a UART behind an LPC bridge at slot 1. */
  readonly second: boolean;
  readonly uart: boolean;
  /** A virtio-rnd at slot 4. */
  readonly rnd: boolean;
  readonly virtioMsi: boolean;
  readonly rtvm: boolean;
  /** The Service VM's kernel has the asyncio ring. */
  readonly asyncio: boolean;
  readonly schedule: "host first" | "guest first" | "random";
}

/** An address: relative to where a BAR of a device lies at that moment, or as it is. */
export type Place =
  | { readonly dev: number; readonly bar: number; readonly offset: number }
  | { readonly address: number };

export interface Descriptor {
  readonly addr: number;
  readonly addrHigh: number;
  readonly len: number;
  readonly flags: number;
  readonly next: number;
}

export const hostEvents = ["input", "end of file", "error", "slow", "full", "fast", "connect"] as const;
export type HostEvent = (typeof hostEvents)[number];

export type Operation =
  | {
      readonly do: "write";
      readonly space: "IO" | "MEM";
      readonly at: Place;
      readonly size: Size;
      readonly value: number;
    }
  | { readonly do: "read"; readonly space: "IO" | "MEM"; readonly at: Place; readonly size: Size }
  | { readonly do: "config"; readonly slot: number; readonly reg: number; readonly size: Size; readonly value?: number }
  /** Raw words in guest memory. */
  | { readonly do: "memory"; readonly address: number; readonly words: readonly number[] }
  /** Descriptors from index `first` on, whose first is made available; the available index then runs `ahead`. */
  | {
      readonly do: "offer";
      readonly queue: number;
      readonly first: number;
      readonly descriptors: readonly Descriptor[];
      readonly ahead: number;
    }
  | { readonly do: "kick"; readonly dev: number; readonly queue: number }
  | {
      readonly do: "control";
      readonly id: number;
      readonly event: number;
      readonly value: number;
      readonly length: number;
    }
  /** What a driver does: vectors, queues, DRIVER_OK. */
  | { readonly do: "set up"; readonly dev: number; readonly msix: boolean }
  | { readonly do: "host"; readonly file: string; readonly event: HostEvent; readonly bytes: number }
  | { readonly do: "eoi"; readonly vector: number }
  /** Lets others run. */
  | { readonly do: "pause" };

export interface Step {
  readonly vcpu: number;
  readonly operation: Operation;
}

export interface Case {
  readonly seed: number;
  readonly machine: MachineChoice;
  readonly steps: readonly Step[];
}
