import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST, startsBefore } from "./instruction-starts.ts";

test("each place is decoded once, from wherever the decoding begins", () => {
  const size = 4096 * LONGEST;
  const seen = new Set<number>();
  const starts = startsBefore(size, (place) => {
    assert.ok(!seen.has(place), `${place} is decoded again`);
    seen.add(place);
    return 1 + (place % 7);
  });
  assert.ok(starts.length > 0);
  assert.equal((starts.at(-1) ?? 0) + 1 + ((starts.at(-1) ?? 0) % 7), size);
});

test("the beginning is taken whose instructions end where they should", () => {
  // Of six bytes: two instructions of 3, which decoding from 1 or 2 misses.
  const lengths = [3, 4, 3, 3, 4, 2];
  assert.deepEqual(
    startsBefore(6, (place) => lengths[place]),
    [0, 3],
  );
  assert.deepEqual(
    startsBefore(6, () => 7),
    [],
  );
  assert.deepEqual(
    startsBefore(0, () => assert.fail()),
    [],
  );
});

test("what is no instruction cannot be the last", () => {
  assert.deepEqual(
    startsBefore(4, (place) => (place === 3 ? -1 : 1)),
    [],
  );
  assert.deepEqual(
    startsBefore(4, (place) => (place === 1 ? -1 : 1)),
    [0, 1, 2, 3],
  );
});
