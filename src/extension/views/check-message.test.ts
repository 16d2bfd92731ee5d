import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFromChain, checkFromVirtqueue, MAX_OPEN_BYTES } from "./check-message.ts";

test("messages of the expected shape pass, without what does not belong to them", () => {
  assert.deepEqual(checkFromChain({ type: "ready", more: 1 }), { type: "ready" });
  assert.deepEqual(checkFromChain({ type: "openSource", station: "file_tty_write.constprop.0" }), {
    type: "openSource",
    station: "file_tty_write.constprop.0",
  });
  assert.deepEqual(checkFromChain({ type: "record", on: false }), { type: "record", on: false });
  for (const check of [checkFromChain, checkFromVirtqueue]) {
    assert.deepEqual(check({ type: "boot", stop: true, kernel: "/x" }), { type: "boot", stop: true });
  }
  const select = { type: "select", slot: 3, queue: 1 };
  assert.deepEqual(checkFromVirtqueue(select), select);
  assert.deepEqual(checkFromVirtqueue({ type: "openMemory", memoryReference: "guest:0x1000", count: 2 ** 32 - 1 }), {
    type: "openMemory",
    memoryReference: "guest:0x1000",
    count: MAX_OPEN_BYTES,
  });
});

test("everything else is refused", () => {
  for (const raw of [
    ...[undefined, null, 1, "ready", [], {}, { type: "Ready" }, { type: "__proto__" }],
    ...[
      { type: "openSource" },
      { type: "openSource", station: "../x" },
      { type: "openSource", station: "a".repeat(300) },
    ],
    ...[
      { type: "record", on: "yes" },
      { type: "showVirtqueue", slot: 32, queue: 0 },
      { type: "showVirtqueue", slot: 1 },
      { type: "boot" },
    ],
  ]) {
    assert.equal(checkFromChain(raw), undefined, JSON.stringify(raw));
  }
  for (const raw of [
    ...[null, { type: "select", slot: -1, queue: 0 }, { type: "select", slot: 0.5, queue: 0 }],
    ...[
      { type: "openMemory", memoryReference: "service:0x0", count: 1 },
      { type: "openMemory", count: 1 },
      { type: "boot", stop: 1 },
    ],
    { type: "openMemory", memoryReference: "guest:0x0", count: 2 ** 32 },
  ]) {
    assert.equal(checkFromVirtqueue(raw), undefined, JSON.stringify(raw));
  }
});
