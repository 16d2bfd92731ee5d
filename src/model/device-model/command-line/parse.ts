import type { EngineLimits } from "../../doors/guest.ts";
import type { DmConfig, LpcConfig } from "../config.ts";
import type { DeviceClass } from "../hw/pci/device-class.ts";
import { builtInDeviceClasses } from "../hw/pci/devices.ts";
import { affinityBitmap, affinityWarnings, parseCpuAffinity } from "./cpu-affinity.ts";
import { aboutOption, DmOptionError } from "./error.ts";
import { formerAdvice } from "./former-options.ts";
import { getoptLong } from "./getopt.ts";
import { nameOf } from "./given.ts";
import { defaultLogger, type LoggerSetting, parseLoggerSetting } from "./logger.ts";
import { parseLpc } from "./lpc.ts";
import { type DmOption, dmOptions, type OptionSpec } from "./options.ts";
import { PciSlots } from "./pci-slot.ts";
import { checkStdio } from "./stdio.ts";
import { checkAccepted, obsoleteWarnings } from "./unmodelled.ts";
import { memoryOfEngine, parseBootargs, parseImagePath, parseMemSize, parseVirtioPoll } from "./values.ts";

/** The VM's name when none is given. acrn-dm itself demands one; that it may be left out is this product's. */
const DEFAULT_VM_NAME = "vm1";
/** MAX_VM_NAME_LEN - 1 */
const MAX_NAME = 15;
/** Bytes; acrn-dm's default. */
const DEFAULT_MEM_SIZE = 256 * 2 ** 20;

/** What a real-time VM is here. LAPIC passthrough begins with x2APIC mode on ACRN, too. */
const RTVM_WARNING =
  "--rtvm: the hypervisor polls for completions, as on ACRN; beyond that the VM is a standard one: the Service VM may " +
  "interrupt, pause and reset it, and its local APIC stays virtual";

export interface ParseOptions {
  /** Options of the calling program, taken from the same command line and handed back in `own`. */
  readonly own?: readonly OptionSpec[];
  /** check_image(): what is wrong with the file at `path`, undefined when it can be read and is not empty. */
  readonly checkImage?: (path: string) => string | undefined;
  /** What `-s` may name; the built-in classes when missing. */
  readonly deviceClasses?: readonly DeviceClass[];
  /** What the guest's engine can give; what is asked beyond is cut with a warning. Without it nothing is. */
  readonly engine?: EngineLimits;
}

/** An option of the calling program, by its long name. */
export interface OwnOption {
  readonly name: string;
  readonly argument: string;
}

export type CommandLine =
  | { readonly kind: "help" | "version" }
  | {
      readonly kind: "run";
      readonly config: DmConfig;
      readonly logger: LoggerSetting;
      /** What acrn-dm would warn of, and what it understands but this machine does not model. */
      readonly warnings: readonly string[];
      readonly own: readonly OwnOption[];
    };

type Draft = { -readonly [K in keyof DmConfig]: DmConfig[K] };

/**
 * acrn-dm's command line (devicemodel/core/main.c: main), without the program's name. Options count in the order
 * written: `-h` and `-v` end the parsing. Throws DmOptionError where acrn-dm would refuse.
 */
export function parseCommandLine(argv: readonly string[], options: ParseOptions = {}): CommandLine {
  const reading: Reading = { option: undefined };
  try {
    return parse(argv, options, reading);
  } catch (error) {
    throw reading.option === undefined ? error : aboutOption(error, reading.option);
  }
}

/** The option whose argument is being read. */
interface Reading {
  option: string | undefined;
}

function parse(argv: readonly string[], options: ParseOptions, reading: Reading): CommandLine {
  const classes = options.deviceClasses ?? builtInDeviceClasses;
  const own: OwnOption[] = [];
  const ownSpecs = new Set<OptionSpec>(options.own);
  const warnings: string[] = [];
  const operands: string[] = [];
  const lpc: LpcConfig[] = [];
  const pci = new PciSlots(classes);
  const lapicIds: number[] = [];
  let memory: string | undefined;
  let lapicPt = false;
  let logger = defaultLogger;
  const draft: Draft = {
    name: DEFAULT_VM_NAME,
    memSize: DEFAULT_MEM_SIZE,
    slots: pci.slots,
    lpc,
    virtioMsi: false,
    virtioPollNs: 0,
    rtvm: false,
    cpuAffinity: 0,
    kernel: undefined,
    ramdisk: undefined,
    bootargs: undefined,
  };

  for (const item of getoptLong<OptionSpec>(argv, [...dmOptions, ...ownSpecs])) {
    if (item.kind === "operand") {
      operands.push(item.value);
      continue;
    }
    const { spec, argument } = item;
    if (ownSpecs.has(spec)) {
      own.push({ name: nameOf(spec), argument });
      continue;
    }
    const option = spec as DmOption;
    reading.option = nameOf(option);
    switch (option.long) {
      case "help":
      case "version":
        return { kind: option.long };
      case "memsize":
        draft.memSize = parseMemSize(argument);
        memory = argument;
        break;
      case "pci_slot":
        pci.add(argument);
        break;
      case "lpc":
        lpc.push(parseLpc(argument, warnings));
        break;
      case "kernel":
      case "ramdisk":
        draft[option.long] = parseImagePath(option.long, argument, options.checkImage);
        break;
      case "bootargs":
        draft.bootargs = parseBootargs(argument);
        break;
      case "virtio_msi":
        draft.virtioMsi = true;
        break;
      case "virtio_poll":
        draft.virtioPollNs = parseVirtioPoll(argument);
        break;
      case "rtvm":
        draft.rtvm = true;
        lapicPt = true;
        break;
      case "lapic_pt":
        lapicPt = true;
        break;
      case "cpu_affinity":
        parseCpuAffinity(argument, lapicIds, warnings);
        break;
      case "logger_setting":
        logger = parseLoggerSetting(argument, logger);
        break;
      default:
        if (option.state === "refused") {
          const advice = formerAdvice(option.short ?? "") ?? "Leave it out.";
          throw new DmOptionError(1, `-${option.short} is not an option any more`, advice);
        }
        if (option.state === "obsolete") warnings.push(...obsoleteWarnings(option, argument));
        else warnings.push(checkAccepted(option, argument));
    }
    reading.option = undefined;
  }

  draft.name = vmName(operands);
  checkStdio(pci.slots, lpc, classes);
  draft.cpuAffinity = affinityBitmap(lapicIds);
  warnings.push(...affinityWarnings(lapicIds, options.engine));
  if (memory !== undefined) draft.memSize = memoryOfEngine(memory, draft.memSize, options.engine, warnings);
  if (draft.rtvm) warnings.push(RTVM_WARNING);
  if (lapicPt && !draft.rtvm) {
    warnings.push("Only a Realtime VM can use local APIC pass through, '--lapic_pt' is invalid here.");
  }
  if (lpc.length > 0 && !pci.slots.some((slot) => slot.emul === "lpc")) {
    warnings.push(`-l ${lpc[0].port}: the guest sees no UART without an lpc device; add -s 1:0,lpc`);
  }
  for (const name of ["disk", "kmsg"] as const) {
    if (logger[name] !== undefined) warnings.push(`--logger_setting ${name}: not modelled; messages go to the console`);
  }
  warnings.push(...pci.warnings);
  return { kind: "run", config: draft, logger, warnings, own };
}

function vmName(operands: readonly string[]): string {
  if (operands.length > 1) {
    throw new DmOptionError(
      1,
      "You must provide the name of the Virtual Machine (VM) you want to start. Exiting.",
      `Expected one name, given ${operands.length}: ${operands.join(" ")}. Quote option values that contain blanks.`,
    );
  }
  const name = operands[0] ?? DEFAULT_VM_NAME;
  if (name === "")
    throw new DmOptionError(1, "The name of the VM is empty", "Give 1 to 15 characters, or leave it out.");
  if (new TextEncoder().encode(name).length > MAX_NAME) {
    const said = `The name of the VM exceeds the maximum length: ${MAX_NAME}`;
    throw new DmOptionError(1, said, `Given: ${name}. Choose a shorter one.`);
  }
  return name;
}
