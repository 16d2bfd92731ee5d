import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { machineProcessOptions } from "./machine-process.ts";

test("V8's threads leave a CPU to the guest, and are never none", () => {
  assert.deepEqual([1, 2, 3, 5, 64].flatMap(machineProcessOptions), [
    ...["--v8-pool-size=1", "--v8-pool-size=1", "--v8-pool-size=2", "--v8-pool-size=4", "--v8-pool-size=4"],
  ]);
});

test("Node knows the option", () => {
  const { status } = spawnSync(process.execPath, [...machineProcessOptions(2), "--eval", ""]);
  assert.equal(status, 0);
});
