import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../guest/virtual-time.ts";
import { station, stationThread } from "./announce.ts";
import { Chain } from "./chain.ts";
import { MAX_DEPTH } from "./context.ts";
import { Recorder } from "./recorder.ts";
import { Scheduler, WaitQueue } from "./scheduler.ts";
import { defineStations } from "./station.ts";
import { hypervisorStations } from "./stations/hypervisor.ts";
import { serviceVmStations } from "./stations/service-vm.ts";

const S = defineStations("hypervisor", "example/repository", {
  outer: { file: "a.c", contexts: ["hv.uvcpu"], about: "calls inner", values: { x: "dec" } },
  inner: { file: "a.c", contexts: ["hv.uvcpu"], about: "is called", values: { x: "dec", y: "hex" } },
  waits: { file: "b.c", contexts: ["dm.io"], about: "blocks" },
});

interface Thing {
  readonly chain: Chain;
}

const inner = station(
  S.inner,
  (_thing: Thing, x: number, y: number): number => x + y,
  (emit, _thing, x, y) => emit(x, y),
);
const outer = station(
  S.outer,
  (thing: Thing, x: number): number => inner(thing, x, 16) + inner(thing, x, 32),
  (emit, _thing, x) => emit(x),
);

test("calls are recorded with depth, caller and values; nothing is recorded otherwise", () => {
  const chain = new Chain(() => 1.5);
  assert.equal(outer({ chain }, 1), 50);
  assert.equal(chain.recorder.next, 0);
  chain.recording = true;
  outer({ chain }, 2);
  const hops = chain.recorder.since(0).map(({ station: s, depth, caller, values }) => [s.id, depth, caller, values]);
  assert.deepEqual(hops, [
    ["outer", 0, -1, { x: 2 }],
    ["inner", 1, 0, { x: 2, y: 16 }],
    ["inner", 1, 0, { x: 2, y: 32 }],
  ]);
  assert.equal(chain.recorder.get(0)?.timeNs, 1_500_000);
});

test("a reading of the clock serves a few hops of one context, unless each is to be timed", () => {
  let clock = 0;
  const chain = new Chain(() => ++clock);
  const times = () => chain.recorder.since(0).map(({ timeNs }) => timeNs / 1e6);
  chain.recording = true;
  for (let i = 0; i < 3; i++) outer({ chain }, i);
  assert.deepEqual(times(), [1, 1, 1, 1, 1, 1, 1, 1, 2]);
  chain.runIn(chain.addContext({ name: "other", kind: "hv.uvcpu" }), "vmExit", () => outer({ chain }, 1));
  assert.deepEqual(times().slice(9), [3, 3, 3]);
  chain.timesEachHop = true;
  outer({ chain }, 1);
  assert.deepEqual(times().slice(12), [4, 5, 6]);
});

test("a function that throws is left", () => {
  const chain = new Chain(() => 0);
  const fails = station(S.outer, (_thing: Thing): never => {
    throw new Error("no");
  });
  assert.throws(() => fails({ chain }));
  assert.equal(chain.current.depth, 0);
});

test("values are not computed unless something is recorded", () => {
  const chain = new Chain(() => 0);
  let computed = 0;
  const counted = station(
    S.outer,
    (_thing: Thing) => 0,
    (emit) => emit(++computed),
  );
  counted({ chain });
  chain.gate = () => {};
  counted({ chain });
  assert.equal(computed, 0);
  chain.recording = true;
  counted({ chain });
  assert.equal(computed, 1);
});

test("the gate sees each entered function with the stack as it is then", () => {
  const chain = new Chain(() => 0);
  const seen: string[] = [];
  chain.gate = (info, context) => {
    const stack = context.frames().map((frame) => frame.station.id);
    seen.push(`${info.id}: ${stack.join(" > ")}`);
  };
  outer({ chain }, 1);
  chain.gate = undefined;
  outer({ chain }, 1);
  assert.deepEqual(seen, ["outer: outer", "inner: outer > inner", "inner: outer > inner"]);
});

test("a woken context names its cause, with the waker's frames and arguments, at its first hop only", () => {
  const chain = new Chain(() => 0);
  const scheduler = new Scheduler(chain);
  const queue = new WaitQueue("queue");
  let ready = false;
  const waits = stationThread(S.waits, function* (_thing: Thing): Generator<void, void, void> {
    yield* queue.wait(chain, () => ready);
    inner({ chain }, 1, 1);
    inner({ chain }, 2, 2);
  });
  const context = chain.addContext({ name: "io", kind: "dm.io", body: () => waits({ chain }) });
  chain.wake(context, "start");
  scheduler.runUntilIdle();
  chain.recording = true;
  const wakes = station(S.outer, (_thing: Thing, x: number): void => {
    ready = x === 7;
    queue.wakeUp(chain, "wakeUpInterruptible");
  });
  wakes({ chain }, 7);
  assert.equal(context.cause?.how, "wakeUpInterruptible");
  assert.deepEqual(
    context.cause?.frames().map((frame) => [frame.station.id, frame.args[1]]),
    [["outer", 7]],
  );
  scheduler.runUntilIdle();
  const hops = chain.recorder.since(0).map((hop) => [hop.station.id, hop.cause, hop.resumed]);
  assert.deepEqual(hops, [
    ["outer", -1, false],
    ["waits", 0, true],
    ["inner", -1, false],
    ["inner", -1, false],
  ]);
  const counts = (from: number) => [...chain.recorder.countsSince(from)].map(([{ id }, count]) => `${id} ${count}`);
  assert.deepEqual([counts(0), counts(3), counts(4)], [["outer 1", "inner 2"], ["inner 1"], []]);
});

test("causes are chained, and a recycled one is not mistaken for what it was", () => {
  const chain = new Chain(() => 0);
  const [a, b] = ["a", "b"].map((name) => chain.addContext({ name, kind: "hv.uvcpu" }));
  chain.setCause(a, "wakeUpInterruptible");
  chain.runIn(a, undefined, () => chain.setCause(b, "signalEvent"));
  assert.equal(b.cause?.how, "signalEvent");
  assert.equal(b.cause?.parent?.how, "wakeUpInterruptible");
  for (let i = 0; i < 600; i++) chain.setCause(chain.current, "timer");
  assert.equal(b.cause, undefined);
});

test("runIn gives the state back, except to a context that got stuck", () => {
  const chain = new Chain(() => 0);
  const context = chain.addContext({ name: "vm1:vcpu0", kind: "hv.uvcpu" });
  chain.runIn(context, "vmExit", () => assert.equal(context.state, "running"));
  assert.equal(context.state, "blocked");
  assert.throws(() =>
    chain.runIn(context, "vmExit", () => {
      context.state = "stuck";
      throw new Error("stuck");
    }),
  );
  assert.equal(context.state, "stuck");
});

test("a stack deeper than the limit is an error, not a silent loss", () => {
  const chain = new Chain(() => 0);
  const deep = station(S.outer, (thing: Thing, x: number): void => {
    if (x > 0) deep(thing, x - 1);
  });
  deep({ chain }, MAX_DEPTH - 1);
  assert.throws(() => deep({ chain }, MAX_DEPTH), RangeError);
  assert.equal(chain.current.depth, 0);
});

test("the recorder keeps the last hops only", () => {
  const recorder = new Recorder(4);
  const chain = new Chain(() => 0, undefined, recorder);
  chain.recording = true;
  for (let i = 0; i < 6; i++) inner({ chain }, i, 0);
  assert.equal(recorder.first, 2);
  assert.equal(recorder.get(1), undefined);
  assert.equal(recorder.get(6), undefined);
  assert.deepEqual(
    recorder.since(0).map((hop) => hop.values.x),
    [2, 3, 4, 5],
  );
  assert.deepEqual([...recorder.countsSince(0).values()], [4]);
});

test("a recorder's capacity is a power of two", () => {
  assert.throws(() => new Recorder(0), RangeError);
  assert.throws(() => new Recorder(12), RangeError);
});

test("a station with too many values is refused", () => {
  const values = { a: "dec", b: "dec", c: "dec", d: "dec", e: "dec", f: "dec", g: "dec" } as const;
  assert.throws(
    () => defineStations("guest", "r", { f: { file: "f.c", contexts: [], about: "", values } }),
    /station f: more than 6 values/,
  );
});

test("no function is declared by two layers", () => {
  const ids = [...Object.keys(hypervisorStations), ...Object.keys(serviceVmStations)];
  assert.equal(new Set(ids).size, ids.length);
});

test("a followed function takes the machine no time while it is looked at", () => {
  let real = 0;
  const clock = new VirtualClock(() => ++real);
  const chain = new Chain(clock);
  const looked: number[] = [];
  const look = (): void => {
    const begun = clock.now();
    for (let i = 0; i < 20; i++) real++;
    looked.push(clock.now() - begun);
  };
  chain.gate = look;
  outer({ chain }, 1);
  assert.deepEqual(looked, [0, 0, 0]);
  // Three entries were looked at; the readings that begin and end a stand-still are all the time there was.
  assert.ok(clock.now() < 8);
  chain.gate = () => assert.fail("a debugger that fails");
  assert.throws(() => outer({ chain }, 1));
  assert.ok(!clock.stopped);
});
