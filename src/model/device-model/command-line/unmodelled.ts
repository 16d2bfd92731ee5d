import { DmOptionError, EX_USAGE } from "./error.ts";
import { leadingNumber } from "./numbers.ts";
import type { DmOption } from "./options.ts";

/** How acrn-dm checks the arguments of options this machine does nothing with; the words are main.c's. */
const CHECKS: { readonly [name: string]: { valid(text: string): boolean; said: string; expected: string } } = {
  intr_monitor: {
    valid: (text) => text.split(",").length >= 4 && text.split(",", 4).every((part) => leadingNumber(part, 10)),
    said: "invalid intr-monitor params",
    expected: "threshold/s,probe-period(s),delay(ms),duration(ms), for example 10000,10,1,100",
  },
  cmd_monitor: {
    valid: (text) => new TextEncoder().encode(text).length < 108,
    said: "invalid command monitor params",
    expected: "the path of a Unix socket, at most 107 bytes",
  },
  vtpm2: {
    valid: (text) => !/^sock_path(,|$)/.test(text),
    said: "invalid vtpm2 param",
    expected: "sock_path=path",
  },
  pm_notify_channel: {
    valid: (text) => /^(ioc|power_button|uart(,allow_trigger_s5)?)$/.test(text),
    said: "invalid pm_notify_channel:",
    expected: "ioc, power_button, or uart[,allow_trigger_s5]",
  },
};

function check(option: DmOption, argument: string): void {
  const rule = CHECKS[option.long ?? ""];
  if (rule !== undefined && !rule.valid(argument)) {
    throw new DmOptionError(EX_USAGE, `${rule.said} ${argument}`, `Expected: ${rule.expected}.`);
  }
}

/** The warning for an option that acrn-dm understands and this machine does not model. */
export function checkAccepted(option: DmOption, argument: string): string {
  check(option, argument);
  return `--${option.long}: understood by acrn-dm, not modelled here (${option.about}); it has no effect`;
}

/** acrn-dm's own warnings for its obsolete options. */
export function obsoleteWarnings(option: DmOption, argument: string): string[] {
  check(option, argument);
  switch (option.long) {
    case "acpi":
      return ["The '-A' parameter is obsolete and ignored. Virtual ACPI tables are always enabled."];
    case "mac_seed":
      return [
        'The "--mac_seed" parameter is obsolete',
        'Please use the "virtio-net,<device_type>=<name> mac_seed=<seed_string>"',
      ];
    case "pm_notify_channel":
      return ['The "--pm_notify_channel" parameter is obsolete'];
    default: {
      const short = option.short === undefined ? "" : `-${option.short}, `;
      return [`The "${short}--${option.long}" parameter is obsolete and ignored`];
    }
  }
}
