import { Hypercall, Ioctl, IoreqDirection, IoreqState, IoreqType, IrqlineOp } from "../abi/acrn.ts";
import { DeliveryMode, Rte } from "../abi/apic.ts";
import { MsixControl, PciCommand } from "../abi/pci.ts";
import { DescFlag, VirtioIsr, VirtioStatus } from "../abi/virtio.ts";
import { VirtioFeature } from "../abi/virtio-features.ts";
import { ExitReason } from "../abi/vmx.ts";

type Table = { readonly [name: string]: { readonly [enumerator: string]: number } };

const general: Table = {
  IoreqState,
  IoreqType,
  IoreqDirection,
  IrqlineOp,
  DescFlag,
  VirtioStatus,
  VirtioIsr,
  VirtioFeature,
  PciCommand,
  MsixControl,
  ExitReason,
  DeliveryMode,
  Rte,
  Hypercall,
  Ioctl,
};

/** Names for numbers in expressions, from the declarations of the ABI and of the devices. */
export class Enumerations {
  readonly all: Table;

  constructor(ofDevices: readonly Table[] = []) {
    this.all = Object.assign({}, general, ...ofDevices);
  }

  /** The enumerators of a name; undefined when it is none. */
  get(name: string): Table[string] | undefined {
    return Object.hasOwn(this.all, name) ? this.all[name] : undefined;
  }

  /** Whether it is an enumeration or an enumerator. */
  knows(name: string): boolean {
    return this.get(name) !== undefined || this.#ownersOf(name).length > 0;
  }

  /** Value of a bare enumerator; undefined when nobody has it, an error text when it is not the same everywhere. */
  valueOf(name: string): number | { readonly ambiguous: string } | undefined {
    const owners = this.#ownersOf(name);
    if (owners.length === 0) return undefined;
    const values = new Set(owners.map((owner) => this.all[owner][name]));
    if (values.size === 1) return this.all[owners[0]][name];
    return { ambiguous: `${name} is ambiguous: ${owners.map((owner) => `${owner}.${name}`).join(" or ")}` };
  }

  /** The enumerations that have this enumerator. */
  #ownersOf(enumerator: string): string[] {
    return Object.keys(this.all).filter((name) => Object.hasOwn(this.all[name], enumerator));
  }
}
