import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { MachineSpec } from "../model/protocol/machine.ts";
import { machineSpec } from "./machine-spec.ts";
import { parseOptions } from "./options.ts";

/** A project with a guest image, and overlays. */
const folder = mkdtempSync(join(tmpdir(), "acrn-spec-"));
after(() => rmSync(folder, { recursive: true }));
for (const path of ["guest-image", "scripts", "own-init"]) mkdirSync(join(folder, path));
for (const path of ["guest-image/vmlinux", "guest-image/initrd.cpio", "scripts/rc.local", "own-init/init", "initrd"]) {
  writeFileSync(join(folder, path), "");
}

function spec(...args: string[]): MachineSpec {
  const options = parseOptions("run", args);
  assert.ok(typeof options !== "string");
  return machineSpec(options, pathToFileURL(`${folder}/`));
}

test("a kernel of one's own gets the image's initrd, unless told otherwise", () => {
  const kernel = join(folder, "guest-image/vmlinux");
  assert.equal(spec("-k", kernel).initrd, join(folder, "guest-image/initrd.cpio"));
  assert.equal(spec("-k", kernel, "-r", join(folder, "initrd")).initrd, join(folder, "initrd"));
  assert.equal(spec("-k", kernel, "-r", "/dev/null").initrd, undefined);
});

const tellsReady = (...args: string[]): boolean => spec(...args).tellsReady;

test("the image's own init tells when it is ready, at the port that is there by default", () => {
  assert.equal(tellsReady(), true);
  assert.equal(tellsReady("--append", "loglevel=7", "--overlay", join(folder, "scripts")), true);
});

test("nothing tells it where there is another init, or not that port", () => {
  for (const args of [
    ["-s", "0,hostbridge", "-s", "3,virtio-console,@stdio:con"],
    ["-r", join(folder, "initrd")],
    ["--append", "quiet rdinit=/bin/sh"],
    ["-B", "console=hvc0 init=/bin/sh"],
    ["--overlay", join(folder, "own-init")],
  ]) {
    assert.equal(tellsReady(...args), false, args.join(" "));
  }
});
