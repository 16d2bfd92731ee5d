import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

const ROOT = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();
const folder = mkdtempSync(join(tmpdir(), "acrn-vsix-"));
after(() => rmSync(folder, { recursive: true }));

test("a package is written into a folder that is not there yet", async () => {
  const { writeVsix } = await import(pathToFileURL(join(ROOT, "scripts/package/vsix.mjs")).href);
  writeFileSync(join(folder, "a.css"), "");
  const output = join(folder, "not", "there", "x.vsix");
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const nls = JSON.parse(readFileSync(join(ROOT, "package.nls.json"), "utf8"));
  await writeVsix({ manifest, nls, target: "linux-x64", folder, files: ["a.css"], output });
  const archive = readFileSync(output, "latin1");
  for (const name of ["extension.vsixmanifest", "[Content_Types].xml", "extension/a.css"]) {
    assert.ok(archive.includes(name), name);
  }
});
