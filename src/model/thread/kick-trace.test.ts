import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "../chain/chain.ts";
import type { GuestInterrupts } from "../doors/guest-debug.ts";
import type { KickTrace } from "../protocol/machine.ts";
import { KickTracer } from "./kick-trace.ts";

/** A tracer, and the answers its traces got. */
function tracing() {
  const chain = new Chain(() => 0);
  const tracer = new KickTracer(chain);
  const answers: (readonly KickTrace[] | undefined)[] = [];
  const arm = (id: number, kicks: number, queue?: number): void =>
    tracer.arm(id, { slot: undefined, queue, kicks }, (given) => {
      answers[id] = given;
    });
  const kick = (queue: number): void => {
    tracer.begin(0, 3, queue, 7);
    tracer.end(0);
  };
  const queues = (id: number): number[] | undefined => answers[id]?.map(({ queue }) => queue);
  return { chain, tracer, arm, kick, queues, answers };
}

test("a trace is answered when it has the kicks it asked for", () => {
  const { arm, kick, queues } = tracing();
  arm(1, 2, 1);
  for (const queue of [1, 5]) kick(queue);
  assert.equal(queues(1), undefined);
  kick(1);
  assert.deepEqual(queues(1), [1, 1]);
});

test("the workbench's own kicks are traced where somebody names their slot", () => {
  const { tracer, arm, queues, answers } = tracing();
  const own = (): void => {
    tracer.begin(0, 31, 1, 0);
    tracer.end(0);
  };
  arm(1, 1);
  own();
  assert.equal(queues(1), undefined);
  tracer.begin(0, 3, 5, 12);
  tracer.end(0);
  assert.deepEqual(answers[1], [{ kick: 12, slot: 3, queue: 5, back: "unseen", hops: [] }]);
  tracer.arm(2, { slot: 31, queue: undefined, kicks: 1 }, (given) => {
    answers[2] = given;
  });
  own();
  assert.deepEqual(queues(2), [1]);
});

test("a trace that is cancelled is answered with what it has, and records no more", () => {
  const { chain, tracer, arm, kick, queues } = tracing();
  arm(1, 9);
  kick(1);
  tracer.begin(0, 3, 1, 7);
  assert.ok(chain.recording && chain.timesEachHop);
  tracer.cancel(1);
  assert.deepEqual(queues(1), [1]);
  assert.ok(!chain.recording && !chain.timesEachHop);
  tracer.end(0);
  kick(1);
  assert.ok(!chain.recording);
});

test("a kick that is recorded for somebody else is recorded to its end, and is in a trace too", () => {
  const { chain, tracer, arm, queues } = tracing();
  tracer.recordKick(0);
  tracer.begin(0, 3, 1, 1);
  assert.ok(chain.recording && chain.timesEachHop);
  tracer.end(0);
  assert.ok(!chain.recording);
  arm(1, 1);
  tracer.recordKick(0);
  tracer.begin(0, 3, 1, 2);
  assert.ok(chain.recording && chain.timesEachHop);
  tracer.end(0);
  assert.deepEqual([queues(1), chain.recording], [[1], false]);
});

test("a cancel is for one trace: the one that has replaced it goes on", () => {
  const { tracer, arm, kick, queues } = tracing();
  arm(1, 1);
  arm(2, 1);
  assert.deepEqual(queues(1), []);
  tracer.cancel(1);
  kick(4);
  assert.deepEqual(queues(2), [4]);
  // It is over: nothing is left to cancel.
  tracer.cancel(2);
  assert.deepEqual(queues(2), [4]);
});

test("while every hop is recorded kicks are traced too, and the recording goes on", () => {
  const { chain, tracer, arm, kick, queues } = tracing();
  tracer.record(true);
  arm(1, 1);
  kick(1);
  assert.deepEqual(queues(1), [1]);
  assert.ok(chain.recording && !chain.timesEachHop);
});

test("recording that is switched in the middle of a traced kick holds from its end on", () => {
  const { chain, tracer, arm, queues } = tracing();
  for (const on of [true, false]) {
    arm(1, 1);
    tracer.begin(0, 3, 1, 7);
    tracer.record(on);
    assert.ok(chain.recording);
    tracer.end(0);
    assert.deepEqual(queues(1), [1]);
    assert.equal(chain.recording, on);
  }
});

test("a trace that replaces another in the middle of a kick does not get that kick", () => {
  const { chain, tracer, arm, queues } = tracing();
  arm(1, 1, 1);
  tracer.begin(0, 3, 1, 7);
  arm(2, 1, 5);
  tracer.end(0);
  assert.deepEqual([queues(1), queues(2)], [[], undefined]);
  assert.ok(!chain.recording && !chain.timesEachHop);
});

test("kicks of several vCPUs that overlap are all traced, and recorded until the last one ends", () => {
  const { chain, tracer, arm, queues } = tracing();
  arm(1, 2);
  tracer.begin(0, 3, 1, 7);
  tracer.begin(1, 3, 5, 8);
  tracer.begin(2, 3, 9, 9);
  tracer.end(2);
  tracer.end(0);
  assert.ok(chain.recording && chain.timesEachHop);
  tracer.end(1);
  assert.deepEqual([queues(1), chain.recording], [[1, 5], false]);
});

/** A tracer of a guest whose interrupts are followed. */
function following() {
  const chain = new Chain(() => 0);
  const context = chain.addContext({ name: "guest:vcpu0", kind: "guest.irq" });
  const state = { follows: true, inside: false };
  const interrupts: GuestInterrupts = {
    ...{ wanted: false, watch: undefined, problem: undefined },
    get follows() {
      return state.follows;
    },
    get inside() {
      return state.inside ? context : undefined;
    },
  };
  const tracer = new KickTracer(chain, () => interrupts);
  const backs: string[][] = [];
  const arm = (kicks: number): void =>
    tracer.arm(1, { slot: 3, queue: 1, kicks }, (given) => {
      backs.push(given.map(({ back, queue }) => `${queue} ${back}`));
    });
  return { chain, tracer, state, backs, arm };
}

test("a kick is traced through the guest's interrupt; between them nothing is recorded", () => {
  const { chain, tracer, state, backs, arm } = following();
  arm(1);
  tracer.begin(0, 3, 1, 1);
  tracer.end(0);
  assert.deepEqual([chain.recording, backs], [false, []]);
  state.inside = true;
  tracer.taken(0);
  assert.ok(chain.recording && chain.timesEachHop);
  // The handler gives a buffer back: that kick is part of it.
  tracer.begin(0, 3, 0, 2);
  tracer.end(0);
  tracer.begin(0, 3, 1, 3);
  tracer.recordKick(0);
  tracer.end(0);
  assert.ok(chain.recording);
  state.inside = false;
  state.follows = false;
  tracer.over(0);
  assert.deepEqual([chain.recording, chain.timesEachHop, backs], [false, false, [["1 seen"]]]);
});

test("a kick whose interrupt is not taken before the next one ends there, and one without an interrupt too", () => {
  const { tracer, state, backs, arm } = following();
  arm(3);
  tracer.begin(0, 3, 1, 1);
  tracer.end(0);
  tracer.begin(0, 3, 1, 2);
  tracer.end(0);
  state.follows = false;
  tracer.over(0);
  tracer.begin(0, 3, 1, 3);
  tracer.end(0);
  assert.deepEqual(backs, [["1 notTaken", "1 seen", "1 noInterrupt"]]);
});

test("input is traced from its arrival to the end of the guest's interrupt", () => {
  const { chain, tracer, state, backs } = following();
  const mevent = chain.addContext({ name: "mevent", kind: "dm.main" });
  tracer.arm(1, { slot: 3, queue: undefined, kicks: 1, input: true }, (given) => {
    backs.push(given.map(({ back, input }) => `${input} ${back}`));
  });
  tracer.begin(0, 3, 1, 1);
  assert.ok(!chain.recording, "kicks are not asked for");
  chain.wake(mevent, "eventfd");
  assert.ok(!chain.recording, "nor what others than the host hand over");
  mevent.state = "blocked";
  chain.wake(mevent, "hostInput");
  assert.ok(chain.recording && chain.timesEachHop);
  state.inside = true;
  tracer.taken(0);
  state.inside = false;
  state.follows = false;
  tracer.over(0);
  assert.deepEqual([chain.recording, chain.onInput, backs], [false, undefined, [["true seen"]]]);
});
