import type { LpcConfig } from "../config.ts";
import { DmOptionError, EX_USAGE } from "./error.ts";
import { leadingNumber } from "./numbers.ts";

/** `-l com1..com5[,backend]`; com5 takes `,base,irq` after the backend (devicemodel/hw/pci/lpc.c: lpc_device_parse). */
export function parseLpc(option: string, warnings: string[]): LpcConfig {
  const [port, ...rest] = option.split(",");
  const valid = /^com[1-5]$/i.test(port) && (port.toLowerCase() !== "com5" || validCom5(rest));
  if (!valid) {
    throw new DmOptionError(
      EX_USAGE,
      `invalid lpc device configuration '${option}'`,
      "Expected: com1 to com5, then a comma and stdio or the path of a tty; for com5 also ,base,irq.",
    );
  }
  const backend = rest.length === 0 ? undefined : rest.join(",");
  // uart_set_backend takes any text that begins so for a TCP port.
  if (!backend?.startsWith("tcp")) return { port, backend };
  warnings.push(`-l ${option}: a TCP backend is not modelled; the UART is there, what it sends is lost`);
  return { port, backend: undefined };
}

/** `backend[,base,irq]`: both or none, any base strtoul takes. */
function validCom5([, base, ...irq]: readonly string[]): boolean {
  if (base === undefined) return true;
  return leadingNumber(base, 0) !== undefined && leadingNumber(irq.join(","), 0) !== undefined;
}
