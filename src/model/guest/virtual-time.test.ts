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
  clock.resume();
  assert.equal(clock.now(), 100);
  real += 5;
  assert.equal(clock.now(), 105);
});

test("it goes on when all who stopped it have resumed it", () => {
  let real = 0;
  const clock = new VirtualClock(() => real);
  clock.stop();
  real = 3;
  clock.stop();
  clock.resume();
  real = 7;
  assert.ok(clock.stopped);
  assert.equal(clock.now(), 0);
  clock.resume();
  assert.ok(!clock.stopped);
  real = 8;
  assert.equal(clock.now(), 1);
  assert.throws(() => clock.resume(), /was not stopped/);
});

test("performance.now is the machine's while something that captures it is loaded, and ours again", async () => {
  const clock = new VirtualClock(() => 1234.5);
  const ours = performance.now;
  const captured = await clock.installedWhile(async () => performance.now.bind(performance));
  assert.equal(captured(), 1234.5);
  assert.equal(performance.now, ours);
  await assert.rejects(clock.installedWhile(() => Promise.reject(new Error("no such file"))));
  assert.equal(performance.now, ours);
});
