import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildCpio, joinArchives, overlayFromFolder } from "./cpio.ts";

/** Reads newc archives the way linux/init/initramfs.c does; zero padding between archives is skipped. */
function readCpio(archive: Uint8Array): { name: string; mode: number; body: string }[] {
  const members: { name: string; mode: number; body: string }[] = [];
  const bytes = Buffer.from(archive);
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    assert.equal(at % 4, 0, "a header begins on a multiple of four");
    assert.equal(bytes.toString("latin1", at, at + 6), "070701");
    const field = (n: number): number => Number.parseInt(bytes.toString("latin1", at + 6 + n * 8, at + 14 + n * 8), 16);
    const nameSize = field(11);
    const name = bytes.toString("utf8", at + 110, at + 110 + nameSize - 1);
    assert.equal(bytes[at + 110 + nameSize - 1], 0, "the name ends with NUL");
    const start = (at + 110 + nameSize + 3) & ~3;
    const size = field(6);
    if (name !== "TRAILER!!!")
      members.push({ name, mode: field(1), body: bytes.toString("utf8", start, start + size) });
    at = (start + size + 3) & ~3;
  }
  return members;
}

const data = (text: string): Uint8Array => new TextEncoder().encode(text);

function withFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "acrn-virtio-cpio-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("directories, files and links come back with type, permissions and contents", () => {
  const archive = buildCpio([
    { kind: "directory", path: "etc" },
    { kind: "file", path: "etc/motd", data: data("hello") },
    { kind: "file", path: "init", mode: 0o755, data: data("#!/bin/sh\n") },
    { kind: "symlink", path: "bin", target: "usr/bin" },
  ]);
  assert.deepEqual(readCpio(archive), [
    { name: "etc", mode: 0o040755, body: "" },
    { name: "etc/motd", mode: 0o100644, body: "hello" },
    { name: "init", mode: 0o100755, body: "#!/bin/sh\n" },
    { name: "bin", mode: 0o120777, body: "usr/bin" },
  ]);
});

test("names and contents of every length keep the alignment", () => {
  const entries = Array.from({ length: 9 }, (_, n) => ({
    kind: "file" as const,
    path: `é${"x".repeat(n)}`,
    data: data("y".repeat(n)),
  }));
  const read = readCpio(buildCpio(entries));
  assert.deepEqual(
    read.map(({ name, body }) => [name, body]),
    entries.map(({ path, data }) => [path, new TextDecoder().decode(data)]),
  );
});

test("a path that would leave the root is refused", () => {
  for (const path of ["/etc", "../x", "a/../b", "a//b", "", ".", "a\0b"]) {
    assert.throws(
      () => buildCpio([{ kind: "directory", path }]),
      /cannot be a path in an initramfs/,
      JSON.stringify(path),
    );
  }
});

test("joined archives each begin where the kernel looks for them", () => {
  const one = buildCpio([{ kind: "file", path: "a", data: data("1") }]);
  const joined = joinArchives(one.subarray(0, one.length), buildCpio([{ kind: "file", path: "b", data: data("2") }]));
  assert.deepEqual(
    readCpio(joined).map(({ name }) => name),
    ["a", "b"],
  );
  assert.equal(joinArchives(new Uint8Array(5), new Uint8Array(4)).length, 12);
});

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
