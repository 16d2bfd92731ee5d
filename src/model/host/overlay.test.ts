import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readCpio } from "../guest/image/testing/read-cpio.ts";
import { overlayFromFolder } from "./overlay.ts";

function withFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "acrn-virtio-cpio-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("an overlay holds a folder's files in the order of their names, the same bytes every time", () => {
  withFolder((folder) => {
    mkdirSync(join(folder, "etc"));
    writeFileSync(join(folder, "etc", "rc.local"), "echo hi\n");
    chmodSync(join(folder, "etc", "rc.local"), 0o755);
    writeFileSync(join(folder, "a.ko"), "module");
    chmodSync(join(folder, "a.ko"), 0o644);
    symlinkSync("a.ko", join(folder, "link"));
    const archive = overlayFromFolder(folder);
    assert.deepEqual(
      readCpio(archive).map(({ name, body }) => [name, body]),
      [
        ["a.ko", "module"],
        ["etc", ""],
        ["etc/rc.local", "echo hi\n"],
        ["link", "a.ko"],
      ],
    );
    assert.equal(readCpio(archive)[2].mode, 0o100755);
    assert.deepEqual(overlayFromFolder(folder), archive);
  });
});

test("an overlay with something that is no file says which", { skip: process.platform === "win32" }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "acrn-virtio-cpio-"));
  const server = createServer();
  try {
    await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
    assert.throws(() => overlayFromFolder(folder), /socket in the overlay folder is neither a file/);
  } finally {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  }
});

test("an overlay folder that is not there is an error that names it", () => {
  assert.throws(() => overlayFromFolder("/nonexistent/overlay"), /\/nonexistent\/overlay/);
});
