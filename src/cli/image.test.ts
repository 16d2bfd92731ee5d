import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { bzImage, elf } from "../model/guest/image/testing/bzimage.ts";
import { readCpio } from "../model/guest/image/testing/read-cpio.ts";
import { CliError } from "./exit.ts";
import { imageCommand } from "./image.ts";

const project = pathToFileURL(`${process.env.ACRN_VIRTIO_ROOT ?? process.cwd()}/`);
const folder = mkdtempSync(join(tmpdir(), "acrn-image-"));
after(() => rmSync(folder, { recursive: true }));

/** A folder with these files. */
function folderOf(name: string, files: { readonly [path: string]: string | Uint8Array }): string {
  for (const [path, data] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), data);
  }
  return join(folder, name);
}

const KERNEL = { "boot/vmlinuz-1.0": bzImage(gzipSync(elf())) };
const MODULES = { "lib/modules/1.0/modules.order": "" };
const BUSYBOX = { "bin/busybox": "\x7fELF [\0[[\0insmod\0sh\0\0" };

test("an image is made of a kernel, a busybox and the project's own files, with an overlay over them", () => {
  const packages = folderOf("packages", { ...KERNEL, ...MODULES, ...BUSYBOX });
  const overlay = folderOf("overlay", { "etc/motd": "hello" });
  const out = join(folder, "not", "there");
  const lines = imageCommand({ packages, out, overlay }, project).split("\n");
  assert.deepEqual(
    lines.map((line) => line.replace(/ .*/, "")),
    ["vmlinux", "bzImage", "initrd.cpio", "manifest.json"].map((name) => join(out, name)),
  );
  assert.deepEqual(readdirSync(out).sort(), ["bzImage", "initrd.cpio", "manifest.json", "vmlinux"]);
  assert.deepEqual(readFileSync(join(out, "vmlinux")), elf());
  const members = readCpio(readFileSync(join(out, "initrd.cpio"))).map(({ name }) => name);
  for (const name of ["init", "bin/busybox", "bin/sh", "lib/acrn/console"]) assert.ok(members.includes(name), name);
  assert.equal(members.at(-1), "etc/motd");
  const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  assert.equal(manifest.kernelRelease, "1.0");
  assert.equal(manifest.files.vmlinux.size, elf().length);
  assert.equal(manifest.overlay, true);
});

test("what is missing is named, and nothing is written", () => {
  const out = join(folder, "nothing");
  const refusals: readonly (readonly [packages: string | undefined, expected: RegExp])[] = [
    [undefined, /^image needs --packages folder: .*busybox-static/],
    [join(folder, "none"), /^--packages .*none: expected a folder$/],
    [folderOf("no-kernel", BUSYBOX), /no-kernel holds no boot\/vmlinuz-\*; unpack one package/],
    [
      folderOf("two", { ...KERNEL, "boot/vmlinuz-2.0": "" }),
      /holds boot\/vmlinuz-1\.0 and boot\/vmlinuz-2\.0; unpack one/,
    ],
    [folderOf("no-modules", { ...KERNEL, ...BUSYBOX }), /no-modules holds no lib\/modules\/1\.0;/],
    [folderOf("no-busybox", { ...KERNEL, ...MODULES }), /no-busybox holds no bin\/busybox;/],
    [folderOf("no-bzimage", { ...MODULES, "boot/vmlinuz-1.0": "" }), /boot\/vmlinuz-1\.0: this is not a bzImage/],
  ];
  for (const [packages, expected] of refusals) {
    assert.throws(
      () => imageCommand({ packages, out, overlay: undefined }, project),
      (error) => error instanceof CliError && expected.test(error.message),
      String(expected),
    );
  }
  assert.throws(() => readdirSync(out), /ENOENT/);
});

test("an image that cannot be written leaves nothing half-made, and says what is expected", () => {
  const packages = folderOf("packages", { ...KERNEL, ...MODULES, ...BUSYBOX });
  const refused = (out: string, expected: RegExp): void => {
    const isRefusal = (error: unknown): boolean => error instanceof CliError && expected.test(error.message);
    assert.throws(() => imageCommand({ packages, out, overlay: undefined }, project), isRefusal);
  };
  const file = join(folderOf("files", { file: "" }), "file");
  refused(file, /^--out .*file: EEXIST.*; expected a folder that can be written, with 1 MB free$/);
  // The last of the four files finds a folder in its place.
  const taken = folderOf("taken", { "manifest.json/x": "", other: "" });
  refused(taken, /^--out .*taken: (EISDIR|ENOTEMPTY|EEXIST)/);
  assert.deepEqual(
    readdirSync(taken).filter((name) => name.endsWith(".new")),
    [],
  );
});
