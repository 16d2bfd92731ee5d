/** The fuzzer's own parts, what it found once, and a few of its cases; `npm run fuzz` plays more. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Case } from "../../fuzz/case.ts";
import { playCase, shrink } from "../../fuzz/play-case.ts";
import { writeCase } from "../../fuzz/write-case.ts";

const KEPT = join(process.env.ACRN_VIRTIO_ROOT ?? ".", "fuzz/kept");

for (const name of readdirSync(KEPT)) {
  test(`${name}: what ended a machine once does so no more`, async () => {
    const { failure, operations } = await playCase(JSON.parse(readFileSync(join(KEPT, name), "utf8")) as Case);
    assert.equal(failure, undefined);
    assert.ok(operations > 0);
  });
}

test("a seed makes one case, which goes the same way each time", async () => {
  assert.deepEqual(writeCase(7), writeCase(7));
  assert.deepEqual(await playCase(writeCase(7)), await playCase(writeCase(7)));
  assert.notDeepEqual(writeCase(7).steps, writeCase(8).steps);
});

test("machines hold", async () => {
  for (let seed = 1000; seed < 1010; seed++) {
    assert.equal((await playCase(writeCase(seed))).failure, undefined, `seed ${seed}`);
  }
});

test("a machine that cannot be made is a failure, with the reason and the place", async () => {
  const usual = writeCase(1);
  const { failure } = await playCase({ ...usual, machine: { ...usual.machine, console: "@nowhere:a" } });
  assert.match(failure ?? "", /^Error: .*\n +at /s);
});

test("what does not matter for a failure is left out", async () => {
  const whole = writeCase(3);
  const matters = whole.steps.filter((_, index) => index === 17 || index === 60);
  const { steps } = await shrink(whole, async (candidate) => matters.every((step) => candidate.steps.includes(step)));
  assert.deepEqual(steps, matters);
});
