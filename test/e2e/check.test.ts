import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { checkCommand, checkLine } from "../../src/cli/check.ts";
import { ROOT } from "./harness.ts";
import { PROGRAM, Program, run } from "./program.ts";

/** `acrn-virtio check`: this installation is whole, and each way to break one is found and named. */

const CHECKS = ["versions", "program", "guest image", "memory", "thread", "pseudo-terminals"];
const checks = (output: string): string[][] =>
  output
    .trimEnd()
    .split("\n")
    .map((line) => /^(ok|note|failed) +([^:]+): ./.exec(line)?.slice(1) ?? [line]);

test("the installation the tests run on is in order, and a guest boots on it", async () => {
  const { status, stdout, stderr } = await run(["check"]);
  assert.deepEqual([status, stderr], [0, ""], stdout);
  assert.deepEqual(
    checks(stdout).map(([, about]) => about),
    [...CHECKS, "boot"],
  );
  assert.match(stdout, /^ok +boot: Linux 6\.\S+ shows its prompt after [\d.]+ s and answers$/m);
});

test("without a boot", async () => {
  const { status, stdout } = await run(["check", "--no-boot"]);
  assert.equal(status, 0, stdout);
  assert.deepEqual(
    checks(stdout).map(([, about]) => about),
    CHECKS,
  );
});

test("no room for WebAssembly's memory", { skip: process.platform !== "linux" }, async () => {
  const command = ["-c", 'ulimit -v 3000000; exec "$0" "$@"', process.execPath, PROGRAM, "check", "--no-boot"];
  const { status, stdout } = await new Program("bash", command).end();
  assert.equal(status, 3);
  assert.match(stdout, /^failed +memory: 256 MiB for a guest cannot be allocated .*ulimit -v/m);
});

describe("a broken installation", () => {
  const folder = mkdtempSync(join(tmpdir(), "acrn-check-"));
  const path = (name: string): string => join(folder, name);
  after(() => rmSync(folder, { recursive: true }));

  beforeEach(() => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    cpSync(join(ROOT, "package.json"), path("package.json"));
    cpSync(join(ROOT, "dist"), path("dist"), { recursive: true });
    cpSync(join(ROOT, "guest-image"), path("guest-image"), { recursive: true, filter: (from) => !/cache/.test(from) });
  });

  async function check(): Promise<{ readonly status: number; readonly output: string }> {
    const lines: string[] = [];
    const project = pathToFileURL(`${folder}/`);
    const status = await checkCommand({ boot: false, project }, (line) => lines.push(line));
    return { status, output: lines.join("\n") };
  }

  test("a copy is in order, also without files a package may leave out", async () => {
    rmSync(path("guest-image/bzImage"));
    const { status, output } = await check();
    assert.equal(status, 0, output);
  });

  const manifest = () => path("guest-image/manifest.json");
  const cases: readonly [what: string, breakIt: () => void, expected: RegExp][] = [
    [
      "a missing file",
      () => rmSync(path("dist/worker.js")),
      /^failed +program: worker\.js is missing; install the ext/m,
    ],
    ["an empty file", () => truncateSync(path("dist/worker.js")), /^failed +program: worker\.js is empty;/m],
    ["half of v86", () => truncateSync(path("dist/v86.wasm"), 1e6), /^failed +program: v86\.wasm is damaged;/m],
    ["no kernel", () => rmSync(path("guest-image/vmlinux")), /^failed +guest image: vmlinux is missing;/m],
    ["no manifest", () => rmSync(manifest()), /^failed +guest image: manifest\.json is missing;/m],
    ["half a manifest", () => truncateSync(manifest(), 100), /^failed +guest image: manifest\.json is damaged;/m],
    [
      "a manifest with a path",
      () => writeFileSync(manifest(), readFileSync(manifest(), "utf8").replace('"vmlinux"', '"../vmlinux"')),
      /^failed +guest image: manifest\.json is damaged;/m,
    ],
    [
      "a manifest without the initrd",
      () => writeFileSync(manifest(), readFileSync(manifest(), "utf8").replace('"initrd.cpio"', '"other.cpio"')),
      /^failed +guest image: initrd\.cpio is not in manifest\.json;/m,
    ],
    [
      "half an initrd",
      () => truncateSync(path("guest-image/initrd.cpio"), 4096),
      /^failed +guest image: initrd\.cpio has 4096 bytes, \d+ expected;/m,
    ],
    [
      "a changed byte",
      () => {
        const kernel = readFileSync(path("guest-image/vmlinux"));
        kernel[kernel.length >> 1] ^= 1;
        writeFileSync(path("guest-image/vmlinux"), kernel);
      },
      /^failed +guest image: vmlinux has another checksum;/m,
    ],
    [
      "a clone without its build",
      () => {
        mkdirSync(path("scripts"));
        writeFileSync(path("scripts/build.mjs"), "");
        rmSync(path("dist"), { recursive: true });
      },
      /^failed +program: worker\.js is missing, .*; run "npm run build" in the project's folder$/m,
    ],
  ];
  for (const [what, breakIt, expected] of cases) {
    test(what, async () => {
      breakIt();
      const { status, output } = await check();
      assert.equal(status, 3, output);
      assert.match(output, expected);
      assert.deepEqual(
        checks(output).map(([, about]) => about),
        CHECKS,
      );
    });
  }
});

test("a finding is one line", () => {
  const line = checkLine({ outcome: "failed", about: "boot", detail: "one\n  two" });
  assert.equal(line, "failed  boot: one two");
});
