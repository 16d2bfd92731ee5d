import type { PciSlotConfig } from "../config.ts";
import { type DeviceClass, findDevice } from "../hw/pci/device-class.ts";
import type { Refusal } from "../hw/pci/device-options.ts";
import { DmOptionError, didYouMean } from "./error.ts";
import { leadingNumber } from "./numbers.ts";
import { otherDevices } from "./pci-devices.ts";

/** A `-s` option that shows how one is written. */
export function exampleSlot(classes: readonly DeviceClass[]): string {
  const shown = classes.find(({ options }) => options.example !== undefined);
  return shown === undefined ? "-s 0:0,hostbridge" : `-s 3,${shown.className},${shown.options.example}`;
}

/** The `-s` options of one command line (devicemodel/hw/pci/core.c: pci_parse_slot). */
export class PciSlots {
  /** What goes on the bus: the modelled devices. */
  readonly slots: PciSlotConfig[] = [];
  readonly warnings: string[] = [];
  readonly #classes: readonly DeviceClass[];
  readonly #occupied = new Map<string, string>();

  constructor(classes: readonly DeviceClass[]) {
    this.#classes = classes;
  }

  /** Takes one option's argument; throws DmOptionError where acrn-dm would exit. */
  add(option: string): void {
    const comma = option.indexOf(",");
    if (comma < 0) throw this.#invalidField(option, "There is no comma after the slot.");
    const [emul, opts] = splitDevice(option.slice(comma + 1));
    const device = findDevice(this.#classes, emul);
    const other = device === undefined && Object.hasOwn(otherDevices, emul) ? otherDevices[emul] : undefined;
    if (other === "obsolete") {
      const said = `The "${emul}" parameter is obsolete and ignored`;
      throw new DmOptionError(1, said, `acrn-dm ends here all the same. Leave out -s ${option}.`);
    }
    const { bus, slot, func } = this.#parseBdf(option.slice(0, comma), option);
    const key = `${bus}:${slot}:${func}`;
    const occupant = this.#occupied.get(key);
    if (occupant !== undefined) {
      const said = `pci slot ${slot}:${func} already occupied!`;
      throw new DmOptionError(1, said, `-s ${option}: ${key} already has ${occupant}. Give another slot.`);
    }
    if (device !== undefined) this.#addDevice(option, device, { bus, slot, func, emul }, opts);
    else if (other === "accepted") {
      this.warnings.push(`-s ${option}: ${emul} is not modelled; it is left out of the guest's bus`);
    } else throw this.#unknown(emul, slot, func);
    this.#occupied.set(key, emul);
  }

  #addDevice(option: string, device: DeviceClass, at: Omit<PciSlotConfig, "options">, opts: string | undefined): void {
    const refused = ({ said, advice }: Refusal) => new DmOptionError(1, said, `-s ${option}: ${advice}`);
    const parsed = device.options.parse(opts);
    if ("refusal" in parsed) throw refused(parsed.refusal);
    const before = this.slots.filter(({ emul }) => emul === at.emul);
    const refusal = device.placeRefusal?.(at, before);
    if (refusal !== undefined) throw refused(refusal);
    this.slots.push({ ...at, options: parsed.options });
  }

  #unknown(emul: string, slot: number, func: number): DmOptionError {
    const modelled = this.#classes.map(({ className }) => className);
    const known = [...modelled, ...Object.keys(otherDevices)];
    const advice = `Modelled here: ${modelled.join(", ")}.${didYouMean(emul, known)}`;
    return new DmOptionError(1, `pci slot ${slot}:${func}: unknown device "${emul}"`, advice);
  }

  /** parse_bdf(): fields separated by ':', '/' or '.', decimal, each up to the first character that is no digit. */
  #parseBdf(text: string, option: string): { bus: number; slot: number; func: number } {
    const fields = text.split(/[:/.]/);
    const numbers = fields.slice(0, 3).map((field) => leadingNumber(field, 10));
    const values = numbers.map((number) => number?.value ?? -1);
    const [bus, slot, func] = values.length === 3 ? values : [0, values[0], values[1] ?? 0];
    const within = bus >= 0 && bus <= 255 && slot >= 0 && slot <= 31 && func >= 0 && func <= 7;
    if (!within) throw this.#invalidField(option, `"${text}" is not a slot.`);
    if (fields.length > 3 || numbers.some((number) => number?.rest !== "")) {
      this.warnings.push(`-s ${option}: acrn-dm reads "${text}" as ${bus}:${slot}:${func} and ignores the rest`);
    }
    return { bus, slot, func };
  }

  #invalidField(option: string, why: string): DmOptionError {
    const grammar =
      "Expected: [bus:]slot[:func],device[,config] with decimal bus 0..255, slot 0..31, func 0..7, " +
      `for example ${exampleSlot(this.#classes)}.`;
    return new DmOptionError(1, `Invalid PCI slot info field "${option}"`, `${why} ${grammar}`);
  }
}

/** `emul[,b][,config]`: a `b` of its own marks the boot disk and matters to virtio-blk only. */
function splitDevice(text: string): [emul: string, opts: string | undefined] {
  const comma = text.indexOf(",");
  if (comma < 0) return [text, undefined];
  const config = text.slice(comma + 1);
  return [text.slice(0, comma), config.startsWith("b,") ? config.slice(2) : config];
}
