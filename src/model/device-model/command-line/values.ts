import type { EngineLimits } from "../../doors/guest.ts";
import { DmOptionError, EX_USAGE } from "./error.ts";
import { leadingNumber } from "./numbers.ts";

const MIB = 2 ** 20;
/** STR_LEN and BOOT_ARG_LEN of devicemodel/include/sw_load.h, terminating NUL included. */
const STR_LEN = 1024;
const BOOT_ARG_LEN = 2048;
const UNITS: { readonly [unit: string]: number } = { g: 2 ** 30, m: MIB, k: 1024 };

const utf8Length = (text: string): number => new TextEncoder().encode(text).length;

/**
 * Bytes of `-m` (devicemodel/core/vmmapi.c: vm_parse_memsize). A plain number is refused: the case for it falls
 * through into the error branch.
 */
export function parseMemSize(option: string): number {
  const number = leadingNumber(option, 0);
  const unit = UNITS[number?.rest[0]?.toLowerCase() ?? ""];
  const bytes = (number?.value ?? 0) * (unit ?? 0);
  if (bytes < 128 * MIB || !Number.isSafeInteger(bytes)) {
    const size = Number.isSafeInteger(bytes) ? `That is ${bytes} bytes.` : "No machine has that much.";
    const fraction = number !== undefined && /^[.,]/.test(number.rest);
    const noUnit = fraction ? `acrn-dm takes whole numbers only, here ${number.value}.` : "There is no unit.";
    const why = unit === undefined ? noUnit : size;
    const advice = `${why} Expected: a number followed by g, m or k, at least 128m, for example -m 256m.`;
    throw new DmOptionError(EX_USAGE, `invalid memsize '${option}'`, advice);
  }
  return bytes;
}

/** `bytes` of `-m option`, or the most the engine can give, with a warning. */
export function memoryOfEngine(
  option: string,
  bytes: number,
  engine: EngineLimits | undefined,
  warnings: string[],
): number {
  if (engine === undefined || bytes <= engine.memory) return bytes;
  const most = engine.memory / MIB;
  const inGigabytes = /g/i.test(option) ? ` (${Math.floor(most / 102.4) / 10}g)` : "";
  warnings.push(`-m ${option}: a guest has at most ${most}m${inGigabytes} here, which it gets`);
  return engine.memory;
}

const EXIT_STATUS = { kernel: 10, ramdisk: 11 } as const;

/** Path of `-k` or `-r` (devicemodel/core/sw_load_bzimage.c: acrn_parse_kernel, acrn_parse_ramdisk). */
export function parseImagePath(
  kind: "kernel" | "ramdisk",
  path: string,
  checkImage?: (path: string) => string | undefined,
): string {
  if (utf8Length(path) >= STR_LEN) {
    const said = `the path of the ${kind} is too long`;
    throw new DmOptionError(1, said, `Given: ${utf8Length(path)} bytes. Expected: at most ${STR_LEN - 1}.`);
  }
  const problem = checkImage?.(path);
  if (problem !== undefined) {
    const advice = `${problem} Give the path of a readable ${kind === "kernel" ? "kernel" : "initial RAM disk"}.`;
    throw new DmOptionError(EXIT_STATUS[kind], `SW_LOAD: check_image failed for '${path}'`, advice);
  }
  return path;
}

/** `-B` (devicemodel/core/sw_load_common.c: acrn_parse_bootargs). */
export function parseBootargs(text: string): string {
  if (utf8Length(text) >= BOOT_ARG_LEN) {
    const advice = `Given: ${utf8Length(text)} bytes. Expected: at most ${BOOT_ARG_LEN - 1}.`;
    throw new DmOptionError(1, "the kernel command line is too long", advice);
  }
  return text;
}

/** Nanoseconds of `--virtio_poll` (devicemodel/hw/pci/virtio/virtio.c: acrn_parse_virtio_poll_interval). */
export function parseVirtioPoll(option: string): number {
  const interval = leadingNumber(option, 0)?.value ?? 0;
  if (interval < 1 || interval > 10_000_000) {
    const advice = "Expected: nanoseconds, 1 to 10000000 (10 ms), for example --virtio_poll 1000000.";
    throw new DmOptionError(EX_USAGE, `invalid virtio poll interval ${option}`, advice);
  }
  return interval;
}
