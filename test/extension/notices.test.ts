import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const ROOT = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();

test("a package's notices name what is inside the files of others, with every text of LICENSES", async () => {
  const { notices } = await import(pathToFileURL(join(ROOT, "scripts/package/notices.mjs")).href);
  const text: string = notices(["v86", "iced-x86", "@lydell/node-pty"]);
  for (const name of readdirSync(join(ROOT, "LICENSES"))) {
    assert.ok(text.includes(readFileSync(join(ROOT, "LICENSES", name), "utf8").trimEnd()), name);
  }
  for (const [owner, work] of [
    ["v86", "Berkeley SoftFloat"],
    ["v86", "Zstandard"],
    ["web-tree-sitter", "headers of ICU"],
    ["@lydell/node-pty", "node-addon-api"],
  ]) {
    assert.match(text, new RegExp(`^${owner} contains ${work}`, "m"));
  }
  // The guest's source packages, of exactly the versions that are inside.
  const { packages } = JSON.parse(readFileSync(join(ROOT, "guest-image/manifest.json"), "utf8"));
  for (const { name, version, source, builtUsing } of packages) {
    assert.ok(text.includes(`  ${name} ${version} `), name);
    for (const used of [source, builtUsing ?? source]) {
      assert.ok(text.includes(used), used);
      assert.ok(text.includes(`/package/${used.split(" ", 1)[0]}/`), `where the source of ${used} is`);
    }
  }
});
