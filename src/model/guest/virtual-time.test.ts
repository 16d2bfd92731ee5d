import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "./virtual-time.ts";

test("time stands still while the world is stopped and goes on without a jump", () => {
  let real = 100;
  const clock = new VirtualClock(() => real);
  assert.equal(clock.now(), 100);
  clock.stop();
  real = 26_100;
  assert.equal(clock.now(), 100);
  clock.stop();
  clock.resume();
  assert.equal(clock.now(), 100);
  real += 5;
  assert.equal(clock.now(), 105);
  clock.resume();
  assert.equal(clock.now(), 105);
});
