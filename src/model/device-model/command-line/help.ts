import { synopsis } from "./getopt.ts";
import { type DmOption, dmOptions, type OptionSpec, type OptionState } from "./options.ts";
import { modelledDevices, pciDevices } from "./pci-devices.ts";

const HEADINGS: { readonly [state in OptionState]?: string } = {
  modelled: "Options of acrn-dm",
  accepted: "Understood by acrn-dm, not modelled here (accepted with a warning)",
  obsolete: "Obsolete in acrn-dm (ignored)",
};

/** The text of `--help`, made from the option table. */
export function helpText(program: string): string {
  const sections = (Object.keys(HEADINGS) as OptionState[]).map((state) => {
    const options: readonly DmOption[] = dmOptions.filter((option) => option.state === state);
    return `${HEADINGS[state]}:\n${optionLines(options)}`;
  });
  const others = Object.keys(pciDevices).filter((name) => pciDevices[name] === "accepted");
  return [
    `Usage: ${program} [options] [vm]`,
    `vm: name of the User VM, at most 15 characters. acrn-dm demands it; here it may be left out ("vm1").`,
    ...sections,
    `Devices for -s: ${modelledDevices.join(", ")}.\nAccepted but left out of the bus: ${others.join(", ")}.`,
    `virtio-console config: port[,port...], up to 16 ports
  port: [@]stdio:name | [@]pty:name | [@]tty:name=path | [@]file:name=path | [@]socket:name=path[:server|client]
  @ makes it a console (/dev/hvcN in the guest); without it the port is /dev/vportNpM
  iothread[=n] before the first port: kicks go through an ioeventfd to n iothreads (an extension, not in acrn-dm)`,
    `Example: ${program} -m 256m -s 0:0,hostbridge -s 3,virtio-console,@stdio:console0 -B "console=hvc0"`,
  ].join("\n\n");
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
