import { accessSync, constants, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasWorkbenchPort, isWorkbenchOwn } from "../model/device-model/hw/pci/configured.ts";
import { builtInDeviceClasses } from "../model/device-model/hw/pci/devices.ts";
import { COMMAND_LINE_SIZE } from "../model/guest/boot/direct-boot.ts";
import type { MachineSpec } from "../model/protocol/machine.ts";
import { READY_PORT } from "../model/thread/workbench-ports.ts";
import { CliError, ExitStatus } from "./exit.ts";
import { type GuestOptions, usage } from "./options.ts";

/** The project's folder, seen from this bundle in dist/. */
export const PROJECT = new URL("../", import.meta.url);

/** An initrd that is none: for kernels that bring their own, and kernels that are not Linux. */
const NO_INITRD = "/dev/null";

/**
 * What a guest on this machine needs besides its console: no ACPI tables, configuration mechanism 1, addresses that
 * kallsyms names; the others only save time.
 */
const ENGINE_PARAMETERS =
  "acpi=off pci=conf1 nokaslr tsc=reliable mitigations=off random.trust_cpu=on cryptomgr.notests noisapnp";

/**
 * Files and kernel command line of a machine. Throws CliError when a file cannot be read. The project has v86 in dist/
 * and the guest image of the set-up in guest-image/.
 */
export function machineSpec(options: GuestOptions, project: URL = PROJECT): MachineSpec {
  const { config } = options;
  const image = fileURLToPath(new URL("guest-image/", project));
  const ownKernel = config.kernel !== undefined;
  const kernel = config.kernel ?? `${image}vmlinux`;
  const initrd = initrdOf(options.initrd ?? config.ramdisk, `${image}initrd.cpio`, ownKernel);
  if (!ownKernel && !existsSync(kernel)) {
    throw new CliError(
      ExitStatus.GUEST,
      `There is no guest image at ${image}. Make it with "npm run guest-image", or name a kernel with -k and an initrd with -r.`,
    );
  }
  readable("kernel", kernel, "kernel");
  if (initrd !== undefined) readable("initrd", initrd, options.initrd === undefined ? "ramdisk" : "initrd");
  if (options.overlay !== undefined && !statSync(options.overlay, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CliError(
      ExitStatus.GUEST,
      `--overlay ${options.overlay}: expected a folder with files for the guest`,
      "overlay",
    );
  }
  const symbols = `${image}kallsyms.gz`;
  const commandLine = kernelCommandLine(config.bootargs, options.append);
  return {
    config,
    kernel,
    initrd,
    overlay: options.overlay,
    symbols: !ownKernel && existsSync(symbols) ? symbols : undefined,
    commandLine,
    ownSlots: config.slots.filter((slot) => isWorkbenchOwn(slot, builtInDeviceClasses)).map(({ slot }) => slot),
    tellsReady:
      isOwnInitrd(initrd, project) &&
      hasWorkbenchPort(config.slots, READY_PORT, builtInDeviceClasses) &&
      !/(^| )(rd)?init=/.test(commandLine) &&
      !(options.overlay !== undefined && existsSync(join(options.overlay, "init"))),
    wasmPath: fileURLToPath(new URL("dist/v86.wasm", project)),
  };
}

/** Without a word about it the image's, whose init serves other kernels too. */
function initrdOf(given: string | undefined, built: string, ownKernel: boolean): string | undefined {
  if (given === NO_INITRD || (given === undefined && ownKernel && !existsSync(built))) return undefined;
  return given ?? built;
}

function kernelCommandLine(bootargs: string | undefined, append: string | undefined): string {
  const text = [bootargs ?? "console=hvc0", ENGINE_PARAMETERS, append].filter(Boolean).join(" ");
  const bytes = Buffer.byteLength(text);
  if (bytes < COMMAND_LINE_SIZE) return text;
  const possible = COMMAND_LINE_SIZE - 1;
  throw usage(
    `The kernel's command line has ${bytes} bytes, at most ${possible} are possible: shorten -B or --append`,
    bootargs === undefined ? "append" : "bootargs",
  );
}

/** The guest's user space is the image's, whose prompt is known. */
export const hasKnownPrompt = ({ initrd }: MachineSpec): boolean => isOwnInitrd(initrd, PROJECT);

const isOwnInitrd = (initrd: string | undefined, project: URL): boolean =>
  initrd === fileURLToPath(new URL("guest-image/initrd.cpio", project));

function readable(what: string, path: string, option: string): void {
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isFile()) return;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message;
    throw new CliError(ExitStatus.GUEST, `The ${what} ${path} cannot be read: ${reason}`, option);
  }
  throw new CliError(ExitStatus.GUEST, `The ${what} ${path} is not a file`, option);
}
