import { DmOptionError, EX_USAGE } from "./error.ts";
import { leadingNumber } from "./numbers.ts";

/** acrn-dm's loggers (devicemodel/log): level up to which each one speaks, undefined where it is off. */
export interface LoggerSetting {
  readonly console: number;
  readonly disk: number | undefined;
  readonly kmsg: number | undefined;
}

/** DEFAULT_LOG_LEVEL: info. */
export const defaultLogger: LoggerSetting = { console: 4, disk: undefined, kmsg: undefined };

/** `console,level=4;kmsg,level=3` (devicemodel/log/log.c: init_logger_setting), on top of `before`. */
export function parseLoggerSetting(option: string, before: LoggerSetting): LoggerSetting {
  const setting = { ...before };
  for (const element of option.split(";")) {
    const [name, level = ""] = split(element);
    const number = level.startsWith("level=") ? leadingNumber(level.slice(6), 10) : undefined;
    if (number === undefined) throw refuse(option, `"${element}" has no level.`);
    if (name !== "console" && name !== "disk" && name !== "kmsg") {
      throw refuse(option, `there is no logger: ${name} found in DM.`);
    }
    // Kept in a uint8_t.
    setting[name] = number.value & 0xff;
  }
  return setting;
}

function split(element: string): [name: string, level?: string] {
  const comma = element.indexOf(",");
  return comma < 0 ? [element] : [element.slice(0, comma), element.slice(comma + 1)];
}

function refuse(option: string, why: string): DmOptionError {
  const expected = "Expected: console, disk or kmsg, then ,level= and 1 to 5; several are separated by semicolons.";
  return new DmOptionError(EX_USAGE, `invalid logger setting params ${option}`, `${why} ${expected}`);
}
