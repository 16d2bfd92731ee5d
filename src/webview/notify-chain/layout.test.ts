import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hop, StationFacts } from "../messages.ts";
import { duration, GUEST_CALLERS, layOut, moved, stateAt } from "./layout.ts";

let hops: Hop[] = [];
/** Adds a hop and returns its index. */
function hop(layer: string, context: string, depth: number, more: Partial<Hop> = {}): number {
  const station = `f${hops.length}`;
  const base = { station, layer, context, depth, t_ns: 0, cause: null, caller: null, resumed: false, values: {} };
  return hops.push({ ...base, ...more }) - 1;
}

/** A guest with 12 callers, its exit, the device model with a call into the Service VM, and the exit's end. */
function kick(): Hop[] {
  hops = [];
  for (let depth = 0; depth < 12; depth++)
    hop("guest", "guest:vcpu0", depth, { caller: depth === 0 ? null : depth - 1 });
  const exit = hop("hypervisor", "vm1:vcpu0", 0, { cause: 11, resumed: true });
  const insert = hop("hypervisor", "vm1:vcpu0", 1, { caller: exit });
  const loop = hop("device-model", "vcpu 0", 2, { cause: insert });
  hop("service-vm", "vcpu 0", 3, { caller: loop });
  hop("hypervisor", "vm1:vcpu0", 1, { caller: exit, cause: 15 });
  return hops;
}

test("a lane for each context, in the order the kick reaches them, in the layer of its outermost function", () => {
  const { lanes } = layOut(kick(), false);
  assert.deepEqual(lanes, [
    { context: "guest:vcpu0", layer: "guest", first: 0, last: 11 },
    { context: "vm1:vcpu0", layer: "hypervisor", first: 12, last: 16 },
    { context: "vcpu 0", layer: "device-model", first: 14, last: 15 },
  ]);
});

test("a row for each hop, indented from the lane's outermost; arrows where contexts hand over", () => {
  const { rows, arrows, segments } = layOut(kick(), false);
  assert.deepEqual(
    rows.slice(12).map(({ lane, indent, enters }) => [lane, indent, enters]),
    [
      [1, 0, true],
      [1, 1, false],
      [2, 0, true],
      [2, 1, false],
      [1, 1, true],
    ],
  );
  assert.deepEqual(arrows, [
    { from: 11, to: 12 },
    { from: 13, to: 14 },
    { from: 15, to: 16 },
  ]);
  assert.deepEqual(segments.at(-1), { lane: 1, first: 16, last: 16 });
});

test("the guest's outer callers fold into one row", () => {
  const all = kick();
  const { rows, rowOf, arrows } = layOut(all, true);
  assert.equal(rows.length, all.length - 12 + GUEST_CALLERS + 1);
  assert.deepEqual(rows[0], { hop: 3, hops: 4, lane: 0, indent: 0, enters: true });
  assert.deepEqual([rowOf[0], rowOf[3], rowOf[4], rowOf[11]], [0, 0, 1, 8]);
  assert.equal(rows[1].indent, 0);
  assert.deepEqual(arrows[0], { from: 8, to: 9 });
  assert.equal(layOut(all.slice(3, 12), true).rows.length, 9);
});

test("what the guest does in its interrupt keeps its indent when its outer callers are folded", () => {
  const all = kick();
  const entry = hop("guest", "guest:vcpu0", 0, { cause: 15 });
  hop("guest", "guest:vcpu0", 1, { caller: entry });
  const { rows, arrows } = layOut(all, true);
  assert.deepEqual(
    rows.slice(-2).map(({ lane, indent, enters }) => [lane, indent, enters]),
    [
      [0, 0, true],
      [0, 1, false],
    ],
  );
  assert.deepEqual(arrows.at(-1), { from: 12, to: 14 });
});

test("nothing recorded is an empty picture", () => {
  assert.deepEqual(layOut([], true), { lanes: [], rows: [], segments: [], arrows: [], rowOf: [] });
});

test("keys lead along rows, and along calls and hand-overs", () => {
  const all = kick();
  const layout = layOut(all, true);
  const go = (row: number, move: Parameters<typeof moved>[3]) => moved(layout, all, row, move);
  assert.deepEqual([go(0, "previous"), go(3, "next"), go(3, "last"), go(13, "first")], [0, 4, 13, 0]);
  assert.equal(go(9, "cause"), 8);
  assert.equal(go(8, "effect"), 9);
  assert.equal(go(10, "effect"), 11);
  assert.equal(go(0, "cause"), 0);
  assert.equal(go(13, "effect"), 13);
});

test("durations have three digits", () => {
  const cases = [0, 980, 1340, 20725, 151_678, 1_520_000, 2_500_000_000].map(duration);
  assert.deepEqual(cases, ["0", "980 ns", "1.34 µs", "20.7 µs", "152 µs", "1.52 ms", "2.50 s"]);
});

test("a hop tells the state of the slot or the rings", () => {
  const at = (values: Hop["values"], roles?: StationFacts["roles"]) => stateAt({ ...kick()[0], values }, roles);
  assert.deepEqual(at({ slot: "PENDING", vcpu: 0 }, { slot: "slotState" }), { slot: "PENDING" });
  assert.deepEqual(at({ slot: 3 }), {});
  assert.deepEqual(at({ queue: 1, taken: 24, idx: 25 }, { taken: "lastAvail", idx: "availIdx" }), {
    ring: "avail 25, taken 24",
  });
  // Of a function that was open already no values are told.
  assert.deepEqual(at({}, { slot: "slotState", idx: "usedIdx" }), {});
});
