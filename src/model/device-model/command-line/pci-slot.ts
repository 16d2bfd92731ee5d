import type { PciSlotConfig } from "../config.ts";
import { parseConsoleOption } from "./console-option.ts";
import { DmOptionError, didYouMean } from "./error.ts";
import { leadingNumber } from "./numbers.ts";
import { modelledDevices, pciDevices } from "./pci-devices.ts";

const GRAMMAR =
  "Expected: [bus:]slot[:func],device[,config] with decimal bus 0..255, slot 0..31, func 0..7, " +
  "for example -s 3,virtio-console,@stdio:console0.";

/** The `-s` options of one command line (devicemodel/hw/pci/core.c: pci_parse_slot). */
export class PciSlots {
  /** What goes on the bus: the modelled devices. */
  readonly slots: PciSlotConfig[] = [];
  readonly warnings: string[] = [];
  readonly #occupied = new Map<string, string>();

  /** Takes one option's argument; throws DmOptionError where acrn-dm would exit. */
  add(option: string): void {
    const comma = option.indexOf(",");
    if (comma < 0) throw invalidField(option, "There is no comma after the slot.");
    const [emul, opts] = splitDevice(option.slice(comma + 1));
    const state = Object.hasOwn(pciDevices, emul) ? pciDevices[emul] : undefined;
    if (state === "obsolete") {
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
    if (state === undefined) {
      const said = `pci slot ${slot}:${func}: unknown device "${emul}"`;
      const advice = `Modelled here: ${modelledDevices.join(", ")}.${didYouMean(emul, Object.keys(pciDevices))}`;
      throw new DmOptionError(1, said, advice);
    }
    if (emul === "virtio-console") parseConsoleOption(option, opts);
    if (emul === "lpc") this.#checkLpc(option, bus);
    this.#occupied.set(key, emul);
    if (state === "modelled") this.slots.push({ bus, slot, func, emul, opts });
    else this.warnings.push(`-s ${option}: ${emul} is not modelled; it is left out of the guest's bus`);
  }

  /** What makes lpc_init() fail (devicemodel/hw/pci/lpc.c). */
  #checkLpc(option: string, bus: number): void {
    const given = `-s ${option}: `;
    if (bus !== 0) {
      throw new DmOptionError(1, "LPC bridge can be present only on bus 0.", `${given}Give it a slot of bus 0.`);
    }
    if (this.slots.some(({ emul }) => emul === "lpc")) {
      throw new DmOptionError(
        1,
        "Only one LPC bridge is allowed.",
        `${given}There is one already. Leave this one out.`,
      );
    }
  }

  /** parse_bdf(): fields separated by ':', '/' or '.', decimal, each up to the first character that is no digit. */
  #parseBdf(text: string, option: string): { bus: number; slot: number; func: number } {
    const fields = text.split(/[:/.]/);
    const numbers = fields.slice(0, 3).map((field) => leadingNumber(field, 10));
    const values = numbers.map((number) => number?.value ?? -1);
    const [bus, slot, func] = values.length === 3 ? values : [0, values[0], values[1] ?? 0];
    const within = bus >= 0 && bus <= 255 && slot >= 0 && slot <= 31 && func >= 0 && func <= 7;
    if (!within) throw invalidField(option, `"${text}" is not a slot.`);
    if (fields.length > 3 || numbers.some((number) => number?.rest !== "")) {
      this.warnings.push(`-s ${option}: acrn-dm reads "${text}" as ${bus}:${slot}:${func} and ignores the rest`);
    }
    return { bus, slot, func };
  }
}

/** `emul[,b][,config]`: a `b` of its own marks the boot disk and matters to virtio-blk only. */
function splitDevice(text: string): [emul: string, opts: string | undefined] {
  const comma = text.indexOf(",");
  if (comma < 0) return [text, undefined];
  const config = text.slice(comma + 1);
  return [text.slice(0, comma), config.startsWith("b,") ? config.slice(2) : config];
}

function invalidField(option: string, why: string): DmOptionError {
  return new DmOptionError(1, `Invalid PCI slot info field "${option}"`, `${why} ${GRAMMAR}`);
}
