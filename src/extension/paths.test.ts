import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileNamed } from "./paths.ts";

test("what a path in a setting means", () => {
  assert.equal(fileNamed("/boot/vmlinuz", "/work"), "/boot/vmlinuz");
  assert.equal(fileNamed("out/bzImage", "/work"), join("/work", "out/bzImage"));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of VS Code
  assert.equal(fileNamed("${workspaceFolder}/bzImage", "/work"), "/work/bzImage");
  assert.equal(fileNamed("~/bzImage", undefined), join(homedir(), "bzImage"));
  assert.equal(fileNamed("bzImage", undefined), "bzImage");
});
