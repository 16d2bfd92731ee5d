import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "../chain/chain.ts";
import { Scheduler } from "../chain/scheduler.ts";
import { GuestRunner, type SliceEnd } from "./runner.ts";

/** A guest that halts after so many instructions, its next timer due in so many milliseconds. */
const idle = (milliseconds: number, instructions = 4000): SliceEnd => ({ kind: "idle", milliseconds, instructions });

/** What is waited for between slices: milliseconds, or 0 for a turn of the event loop. `woken`: after a wake from outside. */
async function pauses(slices: readonly SliceEnd[], woken: (pause: number) => boolean = () => false): Promise<number[]> {
  const chain = new Chain(() => 0);
  const found: number[] = [];
  const host = chain.addContext({ name: "host", kind: "dm.main" });
  const left = [...slices];
  const runner: GuestRunner = new GuestRunner(
    chain,
    new Scheduler(chain),
    { runSlice: () => left.shift() ?? { kind: "dead" } },
    { endOfDeadCpu: () => ({ kind: "halt" }), panicked: () => false, endOfPanic: () => ({ kind: "panic" }) },
    {
      turn: async () => void found.push(0),
      after: (milliseconds, done) => {
        found.push(milliseconds);
        const wake = (): void => {
          host.state = "blocked";
          chain.wake(host, "eventfd");
          host.state = "blocked";
        };
        queueMicrotask(woken(found.length) ? wake : done);
        return () => {};
      },
    },
  );
  assert.deepEqual(await runner.run(), { kind: "halt" });
  return found;
}

test("a guest that halts is left alone until its timer is due, however soon that is", async () => {
  assert.deepEqual(await pauses([idle(4), idle(0.3), idle(0), { kind: "running" }, idle(100)]), [4, 0.3, 0, 0, 100]);
});

test("a guest that only counts its clock on is woken for it less often, and as ever once it does something", async () => {
  const quiet = Array.from({ length: 250 }, () => idle(4));
  const busy = idle(4, 200_000);
  const found = await pauses([...quiet, idle(4), idle(60), busy, idle(4)]);
  assert.deepEqual(found.slice(249), [4, 40, 60, 4, 4]);
});

test("what comes from outside wakes it at once, and ends its rest", async () => {
  const quiet = Array.from({ length: 252 }, () => idle(4));
  const found = await pauses([...quiet, idle(4)], (pause) => pause === 252);
  assert.deepEqual(found.slice(250), [40, 40, 4]);
});
