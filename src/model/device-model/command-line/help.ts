import type { DeviceClass } from "../hw/pci/device-class.ts";
import { synopsis } from "./getopt.ts";
import { type DmOption, dmOptions, type OptionSpec, type OptionState } from "./options.ts";
import { otherDevices } from "./pci-devices.ts";
import { exampleSlot } from "./pci-slot.ts";

const HEADINGS: { readonly [state in OptionState]?: string } = {
  modelled: "Options of acrn-dm",
  accepted: "Understood by acrn-dm, not modelled here (accepted with a warning)",
  obsolete: "Obsolete in acrn-dm (ignored)",
};

/** The text of `--help`, made from the option table and the device classes. */
export function helpText(program: string, classes: readonly DeviceClass[]): string {
  const sections = (Object.keys(HEADINGS) as OptionState[]).map((state) => {
    const options: readonly DmOption[] = dmOptions.filter((option) => option.state === state);
    return `${HEADINGS[state]}:\n${optionLines(options)}`;
  });
  const others = Object.keys(otherDevices).filter((name) => otherDevices[name] === "accepted");
  return [
    `Usage: ${program} [options] [vm]`,
    `vm: name of the User VM, at most 15 characters. acrn-dm demands it; here it may be left out ("vm1").`,
    ...sections,
    `Devices for -s:\n${deviceLines(classes)}\nAccepted but left out of the bus: ${others.join(", ")}.`,
    ...classes.flatMap(({ className, options }) =>
      options.syntax === undefined ? [] : [`${className} config: ${options.syntax}`],
    ),
    `Example: ${program} -m 256m -s 0:0,hostbridge ${exampleSlot(classes)} -B "console=hvc0"`,
  ].join("\n\n");
}

function deviceLines(classes: readonly DeviceClass[]): string {
  return classes.map(({ className, about }) => `  ${className.padEnd(32)}${about}`).join("\n");
}

/** One line for each option, the descriptions in one column. */
export function optionLines(options: readonly OptionSpec[]): string {
  return options
    .map((option) => {
      const left = `  ${option.short === undefined ? "    " : ""}${synopsis(option)}`;
      return left.length < 33 ? `${left.padEnd(34)}${option.about}` : `${left}\n${" ".repeat(34)}${option.about}`;
    })
    .join("\n");
}
