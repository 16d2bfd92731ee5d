import assert from "node:assert/strict";
import { test } from "node:test";
import { defineStations } from "./station.ts";

test("a value that tells a state is shown like others, and found by its role", () => {
  const lastAvail = { as: "dec", role: "lastAvail" } as const;
  const { f, g } = defineStations("device-model", "acrn", {
    f: { file: "f.c", contexts: [], about: "takes", values: { queue: "dec", taken: lastAvail } },
    g: { file: "f.c", contexts: [], about: "gives", values: { slot: { 3: "FREE" } } },
  });
  assert.deepEqual([f.values, f.roles], [{ queue: "dec", taken: "dec" }, { taken: "lastAvail" }]);
  assert.deepEqual([g.values, g.roles], [{ slot: { 3: "FREE" } }, undefined]);
});
