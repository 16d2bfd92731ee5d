import type { HopRecord } from "../chain/hop-records.ts";
import type { QueuePurpose, Terminal } from "../device-model/hw/pci/device-view.ts";
import type { Section } from "../inspect/section.ts";

export type { Terminal } from "../device-model/hw/pci/device-view.ts";
export type { Phrase, Section, SectionRow } from "../inspect/section.ts";

/** The machine at a glance: plain data for views. */

export interface QueueOverview extends QueuePurpose {
  readonly queue: number;
  readonly size: number;
  readonly ready: boolean;
  /** Guest-physical addresses of its three parts; they mean nothing unless it is ready. */
  readonly descAddress: number;
  readonly availAddress: number;
  readonly usedAddress: number;
  readonly availIdx: number;
  readonly lastAvail: number;
  readonly usedIdx: number;
  readonly noNotify: boolean;
  readonly noInterrupt: boolean;
  readonly msixVector: number;
  /** The queue's kicks are an ioeventfd. */
  readonly ioeventfd: boolean;
}

export interface DeviceOverview {
  readonly name: string;
  readonly bus: number;
  readonly slot: number;
  readonly func: number;
  readonly bars: readonly {
    readonly index: number;
    readonly type: string;
    readonly address: number;
    readonly size: number;
  }[];
  readonly interrupt: "MSI-X" | "MSI" | "INTx" | "none";
  /** INTx line: state and I/O APIC pin. */
  readonly intx: { readonly state: string; readonly gsi: number };
  /** Its ports with an end on the host. */
  readonly terminals: readonly Terminal[];
  /** What else there is to be told of it. */
  readonly sections: readonly Section[];
  /** Missing for what is no virtio device. */
  readonly virtio?: {
    readonly status: number;
    readonly statusNames: string;
    readonly isr: number;
    readonly features: number;
    readonly queues: readonly QueueOverview[];
  };
}

export interface SlotOverview {
  readonly slot: number;
  readonly type: string;
  readonly state: string;
  readonly direction: string;
  readonly address: number;
  readonly size: number;
  readonly value: number;
  readonly kernelHandled: boolean;
}

export interface ClientOverview {
  readonly name: string;
  readonly isDefault: boolean;
  /** Bit n: the request of vCPU n is its. */
  readonly requests: number;
  readonly ranges: readonly { readonly type: string; readonly start: number; readonly end: number }[];
}

export interface Overview {
  readonly timeNs: number;
  /** `state`: by ACRN's name (`enum vm_state`); a machine that the debugger has stopped is VM_RUNNING all the same. */
  readonly vm: { readonly name: string; readonly state: string; readonly vcpus: number };
  /** Only the slots of vCPUs that exist. */
  readonly slots: readonly SlotOverview[];
  readonly devices: readonly DeviceOverview[];
  readonly clients: readonly ClientOverview[];
  readonly ioeventfds: readonly {
    readonly fd: number;
    readonly type: string;
    readonly address: number;
    readonly length: number;
    /** Undefined: any. */
    readonly data: number | undefined;
    readonly count: number;
  }[];
  readonly irqfds: readonly { readonly fd: number; readonly msiAddress: number; readonly msiData: number }[];
  /** Redirection entries of the I/O APIC that are not masked, or whose pin is active. */
  readonly ioapic: readonly { readonly pin: number; readonly entry: string; readonly level: number }[];
  /** Upcalls the Service VM has taken (line HYP of /proc/interrupts). */
  readonly upcalls: number;
  readonly kicks: number;
  readonly exits: { readonly port: number; readonly mmio: number };
}

/** Of the kick under way, else of the last one. */
export interface KickHopsRequest {
  /**
   * Instead: of the kick that wrote this byte of the stdio console's output, counted from 0 for the machine's first. One
   * that is not recorded, or not any more, is answered with kick 0 and no hops.
   */
  readonly outputOffset?: number;
}

export interface KickHops {
  /** Number of the kick since the machine was made; 0: there was none. */
  readonly kick: number;
  readonly slot: number;
  readonly queue: number;
  /** The guest has gone on since. */
  readonly complete: boolean;
  /** Every hop is recorded. */
  readonly recording: boolean;
  /** Empty unless `record` was on. */
  readonly hops: readonly HopRecord[];
  /** Index of the hop the machine is stopped at, if it is one of these. */
  readonly stoppedAt?: number;
}
