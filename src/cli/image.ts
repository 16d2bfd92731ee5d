import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeGuestImage } from "../model/host/guest-image.ts";
import { CliError, ExitStatus } from "./exit.ts";
import { PROJECT } from "./machine-spec.ts";
import { usage } from "./options.ts";

export interface ImageOptions {
  readonly packages: string | undefined;
  readonly out: string | undefined;
  readonly overlay: string | undefined;
}

/** `acrn-virtio image`: makes a guest image of unpacked packages. Returns a line for each file. */
export function imageCommand({ packages, out, overlay }: ImageOptions, project: URL = PROJECT): string {
  if (packages === undefined || out === undefined) {
    throw usage(
      `image needs ${packages === undefined ? "--packages" : "--out"} folder: ` +
        "--packages with the packages of a 32-bit kernel and busybox-static unpacked in it, and --out for the image",
    );
  }
  for (const [name, folder] of Object.entries({ packages, overlay })) {
    if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw usage(`--${name} ${folder}: expected a folder`);
    }
  }
  const image = made(() =>
    makeGuestImage({ packages, guestFiles: fileURLToPath(new URL("guest/", project)), overlay }),
  );
  write(image, out);
  return [...image].map(([name, data]) => `${join(out, name)}  ${(data.length / 1e6).toFixed(1)} MB`).join("\n");
}

/** All are written before the first takes its place; of an image that cannot be written nothing is left. */
function write(image: ReadonlyMap<string, Uint8Array>, out: string): void {
  const half = (name: string): string => join(out, `${name}.new`);
  try {
    mkdirSync(out, { recursive: true });
    for (const [name, data] of image) writeFileSync(half(name), data);
    for (const name of image.keys()) renameSync(half(name), join(out, name));
  } catch (error) {
    for (const name of image.keys()) if (existsSync(half(name))) rmSync(half(name));
    const needs = [...image.values()].reduce((sum, { length }) => sum + length, 0) / 1e6;
    const advice = `expected a folder that can be written, with ${Math.ceil(needs)} MB free`;
    throw new CliError(ExitStatus.OUTPUT, `--out ${out}: ${(error as Error).message}; ${advice}`);
  }
}

function made<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new CliError(ExitStatus.USAGE, (error as Error).message);
  }
}
