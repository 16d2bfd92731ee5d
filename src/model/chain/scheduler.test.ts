import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "./chain.ts";
import type { Context } from "./context.ts";
import type { ContextKind } from "./context-kinds.ts";
import { hostFirst, Scheduler, WaitQueue } from "./scheduler.ts";
import { guestFirst } from "./testing/guest-first.ts";

function world(policy = hostFirst) {
  const chain = new Chain(() => 0);
  const order: string[] = [];
  const once = (name: string, kind: ContextKind): Context =>
    chain.addContext({
      name,
      kind,
      body: function* () {
        order.push(name);
      },
    });
  return { chain, scheduler: new Scheduler(chain, policy), order, once };
}

test("host first: interrupts, then hosts as they were woken, vCPUs last", () => {
  const { chain, scheduler, order, once } = world();
  const contexts = [
    once("vcpu", "guest.task"),
    once("iothread", "dm.io"),
    once("worker", "svm.wq"),
    once("irq", "svm.sysvec"),
  ];
  for (const context of contexts) chain.wake(context, "start");
  scheduler.runUntilIdle();
  assert.deepEqual(order, ["irq", "iothread", "worker", "vcpu"]);
});

test("guest first: vCPUs before hosts, each in the order they were woken", () => {
  const { chain, scheduler, order, once } = world(guestFirst);
  for (const context of [once("worker", "svm.wq"), once("vcpu1", "guest.task"), once("vcpu0", "guest.task")]) {
    chain.wake(context, "start");
  }
  scheduler.runUntilIdle();
  assert.deepEqual(order, ["vcpu1", "vcpu0", "worker"]);
});

test("runUntil lets the hosts finish once the condition holds, but no further vCPU", () => {
  const { chain, scheduler, order, once } = world();
  let met = false;
  const signaller = chain.addContext({
    name: "signaller",
    kind: "svm.wq",
    body: function* () {
      met = true;
    },
  });
  for (const context of [signaller, once("host", "dm.io"), once("vcpu", "guest.task")]) chain.wake(context, "start");
  assert.equal(
    scheduler.runUntil(() => met),
    true,
  );
  assert.deepEqual(order, ["host"]);
});

test("runUntil says no when nobody is left to make the condition hold", () => {
  const { chain, scheduler, order, once } = world();
  chain.wake(once("host", "dm.io"), "start");
  assert.equal(
    scheduler.runUntil(() => false),
    false,
  );
  assert.deepEqual(order, ["host"]);
});

test("a wait queue tests its condition again after each wake; wakes before it runs merge", () => {
  const { chain, scheduler, order } = world();
  const queue = new WaitQueue("queue");
  let ready = false;
  const waiter = chain.addContext({
    name: "waiter",
    kind: "dm.io",
    body: function* () {
      yield* queue.wait(chain, () => {
        order.push("tested");
        return ready;
      });
      order.push("done");
    },
  });
  chain.wake(waiter, "start");
  scheduler.runUntilIdle();
  assert.equal(waiter.waitingFor, "queue");
  queue.wakeUp(chain, "wakeUpInterruptible");
  queue.wakeUp(chain, "signalEvent");
  assert.equal(waiter.cause?.how, "wakeUpInterruptible");
  scheduler.runUntilIdle();
  ready = true;
  queue.wakeUp(chain, "queueWork");
  scheduler.runUntilIdle();
  assert.deepEqual(order, ["tested", "tested", "tested", "done"]);
  assert.equal(waiter.state, "done");
});

test("a body that throws leaves the chain where it was", () => {
  const { chain, scheduler } = world();
  const bad = chain.addContext({
    name: "bad",
    kind: "dm.io",
    body: function* () {
      throw new Error("boom");
    },
  });
  const { current } = chain;
  chain.wake(bad, "start");
  assert.throws(() => scheduler.runUntilIdle(), /boom/);
  assert.equal(chain.current, current);
});
