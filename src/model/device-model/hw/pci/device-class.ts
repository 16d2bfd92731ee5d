import type { StationTable } from "../../../chain/station-registry.ts";
import type { StateTable } from "../../../inspect/saved-state.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import type { DeviceOptions, Refusal } from "./device-options.ts";
import type { DeviceView } from "./device-view.ts";
import type { BarAccess, PciVdev } from "./vdev.ts";

/**
 * What is told of a device, in one piece: its room exports it, and the list of classes is all that the command line, help,
 * debugger, views and documentation know of devices.
 */

/** `struct pci_vdev_ops`, and all that others tell of the device. */
export interface DeviceClass<Options = unknown> {
  /** The word of `-s`, acrn-dm's `class_name`. */
  readonly className: string;
  /** One line for the help and the documentation. */
  readonly about: string;
  readonly options: DeviceOptions<Options>;
  readonly view?: DeviceView;
  /** The classes its devices are made of, and the functions their data names: what is needed to save one. */
  readonly state?: StateTable;
  /** Virtqueues it has at most. */
  readonly queues?: number;
  /** Its functions in acrn-dm and in the guest's driver. */
  readonly stations?: StationTable;
  /** What is wrong with one more device of the class, `before` those that are there. */
  placeRefusal?(at: DevicePlace, before: readonly DevicePlace[]): Refusal | undefined;
  /** 0, or -1 with the reason in the log. */
  init(ctx: Vmctx, dev: PciVdev, options: Options): number;
  deinit?(ctx: Vmctx, dev: PciVdev): void;
  /** Overrides the write of a configuration register; 0 when it did. */
  cfgwrite?(dev: PciVdev, offset: number, bytes: number, value: number): number;
  barwrite?(dev: PciVdev, access: BarAccess): void;
  barread?(dev: PciVdev, access: BarAccess): number;
}

/** The device in a place, by its class. */
export interface DevicePlace {
  readonly bus: number;
  readonly slot: number;
  readonly func: number;
  readonly emul: string;
}

/** The device class of a `-s` option's name, undefined when there is none (pci_emul_finddev). */
export function findDevice(classes: readonly DeviceClass[], name: string): DeviceClass | undefined {
  return classes.find(({ className }) => className === name);
}
