import assert from "node:assert/strict";
import { test } from "node:test";
import { buildCpio, joinArchives } from "./cpio.ts";
import { readCpio } from "./testing/read-cpio.ts";

const data = (text: string): Uint8Array => new TextEncoder().encode(text);

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
