import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** The project's folder; scripts/test.mjs names it. */
export const root = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();

/** Packs the extension for this platform, as `npm run package` does. Returns the file. */
export async function makePackage(): Promise<string> {
  const file = join(root, "out", `test-${process.pid}.vsix`);
  await promisify(execFile)(process.execPath, [join(root, "scripts", "package.mjs"), "--out", file]);
  return file;
}
