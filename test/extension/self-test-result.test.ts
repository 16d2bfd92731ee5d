import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLine } from "../../src/cli/check.ts";
import { parseFinding, summarise } from "../../src/extension/self-test-result.ts";

test("lines are read as the program writes them", () => {
  const line = checkLine({ outcome: "failed", about: "guest image", detail: "vmlinux is missing; do this" });
  assert.deepEqual(parseFinding(line), { outcome: "failed", text: "guest image: vmlinux is missing; do this" });
  assert.deepEqual(parseFinding("ok      boot: fine"), { outcome: "ok", text: "boot: fine" });
  assert.deepEqual(parseFinding("something else"), { outcome: "note", text: "something else" });
});

test("what is wrong is told, also when the program dies before it can", () => {
  const lines = ["ok      a: b", "note    c: d", "failed  e: f; do g"];
  assert.deepEqual(summarise(lines, 3, ""), { failed: ["e: f; do g."] });
  assert.deepEqual(summarise(lines.slice(0, 2), 0, ""), { failed: [] });
  assert.deepEqual(summarise([], 0, ""), { failed: ["acrn-virtio check: 0"] });
  assert.deepEqual(summarise(lines.slice(0, 1), null, ""), { failed: ["acrn-virtio check: signal"] });
  assert.deepEqual(summarise([], 70, "a trace\nacrn-virtio: internal error: x\n"), {
    failed: ["acrn-virtio: internal error: x"],
  });
});
