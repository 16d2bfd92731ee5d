import { declareState, part, plain } from "../../../inspect/state.ts";
import type { PirqState } from "./irq.ts";
import { newPirqState } from "./irq.ts";
import type { BarAccess, PciVdev } from "./vdev.ts";

/** What acrn-dm's PCI core keeps for the VM (devicemodel/hw/pci/core.c). */

/** An interrupt pin of a slot: how many functions use it, and where it is routed. */
export interface IntxInfo {
  count: number;
  pirqPin: number;
  ioapicIrq: number;
}

export interface SlotInfo {
  /** INTA to INTD. */
  readonly intpins: readonly IntxInfo[];
  /** By function number. */
  readonly funcs: (PciVdev | undefined)[];
}

export interface BusInfo {
  readonly slots: readonly SlotInfo[];
}

/** A configuration access; `value` is unsigned. */
export interface CfgAccess {
  vcpu: number;
  in: boolean;
  bus: number;
  slot: number;
  func: number;
  reg: number;
  bytes: number;
  value: number;
}

const PCI_SLOTS = 32;
const PCI_FUNCS = 8;

export class PciState {
  static readonly state = declareState<PciState>("device-model.PciState", {
    buses: part,
    iobase: plain,
    membase32: plain,
    lastIoapicPin: plain,
    pirq: part,
    lpcBridge: plain,
    access: part,
    barAccess: part,
  });
  /** Buses with a device. */
  readonly buses = new Map<number, BusInfo>();
  /** Where the next BAR goes: port, and address below 4 GiB. */
  iobase = 0;
  membase32 = 0;
  lastIoapicPin = 0;
  readonly pirq: PirqState = newPirqState();
  /** The LPC bridge, once there is one. */
  lpcBridge: PciVdev | undefined;
  readonly access: CfgAccess = { vcpu: 0, in: false, bus: 0, slot: 0, func: 0, reg: 0, bytes: 0, value: 0 };
  readonly barAccess: BarAccess = { vcpu: 0, baridx: 0, offset: 0, size: 0, value: 0 };

  /** The function at an address, undefined when none is there. */
  find(bus: number, slot: number, func: number): PciVdev | undefined {
    return this.buses.get(bus)?.slots[slot]?.funcs[func];
  }

  /** The slots of a bus, made at the first use. */
  bus(number: number): BusInfo {
    let info = this.buses.get(number);
    if (info === undefined) {
      info = { slots: Array.from({ length: PCI_SLOTS }, newSlot) };
      this.buses.set(number, info);
    }
    return info;
  }

  /** All functions, in the order of bus, slot and function. */
  devices(): PciVdev[] {
    const found: PciVdev[] = [];
    for (const bus of [...this.buses.keys()].sort((a, b) => a - b)) {
      for (const slot of this.bus(bus).slots) for (const dev of slot.funcs) if (dev !== undefined) found.push(dev);
    }
    return found;
  }
}

function newSlot(): SlotInfo {
  return {
    intpins: Array.from({ length: 4 }, () => ({ count: 0, pirqPin: 0, ioapicIrq: 0 })),
    funcs: new Array(PCI_FUNCS).fill(undefined),
  };
}
