import { Hypercall, Ioctl, IoreqDirection, IoreqState, IoreqType, IrqlineOp } from "../abi/acrn.ts";
import { DeliveryMode, Rte } from "../abi/apic.ts";
import { MsixControl, PciCommand } from "../abi/pci.ts";
import { ConsoleEvent, DescFlag, VirtioIsr, VirtioStatus } from "../abi/virtio.ts";
import { VirtioFeature } from "../abi/virtio-features.ts";
import { ExitReason } from "../abi/vmx.ts";

/** Names for numbers in expressions, from the declarations of the ABI. */

export const enumerations: { readonly [name: string]: { readonly [enumerator: string]: number } } = {
  IoreqState,
  IoreqType,
  IoreqDirection,
  IrqlineOp,
  DescFlag,
  VirtioStatus,
  VirtioIsr,
  VirtioFeature,
  ConsoleEvent,
  PciCommand,
  MsixControl,
  ExitReason,
  DeliveryMode,
  Rte,
  Hypercall,
  Ioctl,
};

/** The enumerations that have this enumerator. */
export function enumerationsWith(enumerator: string): string[] {
  return Object.keys(enumerations).filter((name) => Object.hasOwn(enumerations[name], enumerator));
}

/** Value of a bare enumerator; undefined when nobody has it, an error text when it is not the same everywhere. */
export function enumeratorValue(name: string): number | { readonly ambiguous: string } | undefined {
  const owners = enumerationsWith(name);
  if (owners.length === 0) return undefined;
  const values = new Set(owners.map((owner) => enumerations[owner][name]));
  if (values.size === 1) return enumerations[owners[0]][name];
  return { ambiguous: `${name} is ambiguous: ${owners.map((owner) => `${owner}.${name}`).join(" or ")}` };
}
