import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ROOT, TestMachine } from "./harness.ts";

/** A kernel that is not the image's, with the image's user space. */

const folder = mkdtempSync(join(tmpdir(), "acrn-kernel-"));
after(() => rmSync(folder, { recursive: true }));

/** The image's kernel under another release: so it has no modules in the image. */
function otherRelease(): { readonly kernel: string; readonly release: string; readonly original: string } {
  const image = join(ROOT, "guest-image");
  const original = JSON.parse(readFileSync(join(image, "manifest.json"), "utf8")).kernelRelease as string;
  const release = original.replace(/.$/, "x");
  const bytes = readFileSync(join(image, "vmlinux"));
  // utsname's fields have 65 bytes, a NUL at their end; modules name the release with more behind it.
  for (let at = bytes.indexOf(`\0${original}\0`); at >= 0; at = bytes.indexOf(`\0${original}\0`, at + 1)) {
    bytes.write(release, at + 1, "latin1");
  }
  const kernel = join(folder, "vmlinux");
  writeFileSync(kernel, bytes);
  return { kernel, release, original };
}

test("the image's init loads the drivers that an overlay brings for it", async () => {
  const { kernel, release, original } = otherRelease();
  mkdirSync(join(folder, "overlay/lib/modules"), { recursive: true });
  symlinkSync(original, join(folder, "overlay/lib/modules", release));
  const machine = await TestMachine.boot(["-k", kernel, "--overlay", join(folder, "overlay")]);
  try {
    assert.equal(await machine.run("uname -r"), release);
    await machine.reached("ready");
  } finally {
    await machine.close();
  }
});
