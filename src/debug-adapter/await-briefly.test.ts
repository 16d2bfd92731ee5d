import assert from "node:assert/strict";
import { test } from "node:test";
import { awaitBriefly } from "./await-briefly.ts";

test("work that is done in time is waited for", async () => {
  const never = () => assert.fail("it was in time");
  await awaitBriefly(Promise.resolve(), 60_000, never);
  await awaitBriefly(Promise.reject(new Error("no")), 60_000, never);
});

test("work that takes longer is not, and its end is told", async () => {
  for (const succeeds of [true, false]) {
    let end: () => void = () => {};
    const work = new Promise<void>((resolve, reject) => {
      end = succeeds ? resolve : () => reject(new Error("no"));
    });
    const told = new Promise<void>((resolve) => {
      void awaitBriefly(work, 1, resolve).then(() => end());
    });
    await told;
  }
});
