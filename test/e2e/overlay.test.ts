import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { TestMachine } from "./harness.ts";

/** A folder of the user's own files, put over the guest image. */

const folder = mkdtempSync(join(tmpdir(), "acrn-overlay-"));
let machine: TestMachine;

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, { mode });
}

before(async () => {
  put("root/notes/hello.txt", "from the overlay\n");
  put("etc/hostname.new", "replaced\n");
  put("bin/my-tool", "#!/bin/sh\necho tool $1\n", 0o755);
  put("etc/acrn/rc.local", "lsmod >/run/modules-then\nls /run/acrn >/run/shells-then\n");
  machine = await TestMachine.boot(["--overlay", folder]);
});
after(async () => {
  await machine.close();
  rmSync(folder, { recursive: true });
});

test("files are there, with their modes", async () => {
  assert.equal(await machine.run("cat /root/notes/hello.txt"), "from the overlay");
  assert.equal(await machine.run("my-tool 1"), "tool 1");
});

test("what the image has is still there", async () => {
  assert.match(await machine.run("ls /etc/acrn"), /modules.*rc\.local/);
});

test("rc.local runs when the drivers are loaded, before the shells", async () => {
  assert.match(await machine.run("cat /run/modules-then"), /^virtio_console\b/m);
  assert.equal(await machine.run("cat /run/shells-then"), "");
});
