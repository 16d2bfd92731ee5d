import { mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
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
  mkdirSync(out, { recursive: true });
  // All are written before the first takes its place.
  for (const [name, data] of image) writeFileSync(join(out, `${name}.new`), data);
  for (const name of image.keys()) renameSync(join(out, `${name}.new`), join(out, name));
  return [...image].map(([name, data]) => `${join(out, name)}  ${(data.length / 1e6).toFixed(1)} MB`).join("\n");
}

function made<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new CliError(ExitStatus.USAGE, (error as Error).message);
  }
}
