import assert from "node:assert/strict";
import { test } from "node:test";
import { firstTime, type Memory } from "./first-time.ts";

function makeMemory(): Memory {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key, value) => void values.set(key, value),
  };
}

test("a text is new once, whatever it is asked with, and under each key", async () => {
  const memory = makeMemory();
  assert.deepEqual(await firstTime(memory, "told", ["/acrn", "/linux"]), ["/acrn", "/linux"]);
  assert.deepEqual(await firstTime(memory, "told", ["/linux", "/other"]), ["/other"]);
  assert.deepEqual(await firstTime(memory, "told", ["/acrn", "/linux", "/other"]), []);
  assert.deepEqual(await firstTime(memory, "seen", ["/acrn"]), ["/acrn"]);
});

test("the oldest is forgotten for the hundred and first", async () => {
  const memory = makeMemory();
  const names = Array.from({ length: 101 }, (_, number) => `/${number}`);
  for (const name of names) await firstTime(memory, "told", [name]);
  assert.deepEqual(await firstTime(memory, "told", ["/1", "/100"]), []);
  assert.deepEqual(await firstTime(memory, "told", ["/0"]), ["/0"]);
});
