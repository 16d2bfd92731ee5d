import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean } from "./error.ts";

test("the nearest name is suggested, if one is near", () => {
  const known = ["virtio_console", "hostbridge", "lpc"];
  assert.equal(didYouMean("virtio_consle", known), ' Did you mean "virtio_console"?');
  assert.equal(didYouMean("lcp", known), "");
  assert.equal(didYouMean("nonsense", known), "");
});

test("something very long is like nothing, and that is known at once", () => {
  const start = performance.now();
  assert.equal(
    didYouMean(
      "v".repeat(10_000_000),
      Array.from({ length: 300 }, (_, i) => `virtio_console_${i}`),
    ),
    "",
  );
  assert.ok(performance.now() - start < 1000);
});
