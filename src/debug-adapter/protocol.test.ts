import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("docs/debugging.md names every request and event that this adapter adds to the protocol", () => {
  const names = new Set(
    [...read("src/debug-adapter/protocol.ts").matchAll(/^ {2}"(acrn\/\w+)":/gm)].map(([, name]) => name),
  );
  assert.ok(names.size > 10);
  const docs = read("docs/debugging.md");
  assert.deepEqual(
    [...names].filter((name) => !docs.includes(`\`${name}\``)),
    [],
  );
});
