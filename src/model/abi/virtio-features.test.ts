import assert from "node:assert/strict";
import { test } from "node:test";
import {
  commonFeatures,
  featureSet,
  featuresNumber,
  featureWords,
  hasFeature,
  NO_FEATURES,
  VirtioFeature,
} from "./virtio-features.ts";

test("VERSION_1 is bit 32, not bit 0", () => {
  assert.equal(hasFeature(featureSet(0), VirtioFeature.VERSION_1), false);
  assert.equal(hasFeature(featureSet(VirtioFeature.VERSION_1), 0), false);
  assert.equal(hasFeature(featureSet(VirtioFeature.VERSION_1), VirtioFeature.VERSION_1), true);
});

test("each of the 64 bits stands for itself", () => {
  for (let bit = 0; bit < 64; bit++) {
    const set = featureSet(bit);
    const found = Array.from({ length: 64 }, (_, other) => other).filter((other) => hasFeature(set, other));
    assert.deepEqual(found, [bit]);
  }
  assert.throws(() => featureSet(64), /feature bit 64: expected 0 to 63/);
});

test("words are unsigned, and what both have is common", () => {
  assert.deepEqual(featureWords(-1, -1), { low: 0xffffffff, high: 0xffffffff });
  assert.deepEqual(commonFeatures(featureWords(0xffffffff, 3), featureSet(31, 33)), { low: 0x80000000, high: 2 });
  assert.equal(commonFeatures(featureSet(1), featureSet(33)).low, NO_FEATURES.low);
});

test("as a number", () => {
  assert.equal(featuresNumber(featureSet(0, 31, 32)), 0x1_8000_0001);
});
