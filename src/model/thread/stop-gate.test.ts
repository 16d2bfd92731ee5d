import assert from "node:assert/strict";
import { test } from "node:test";
import type { Chain } from "../chain/chain.ts";
import { VirtualClock } from "../guest/virtual-time.ts";
import { StopGate } from "./stop-gate.ts";

/** A gate whose requests are `script`: each time it looks for some, the next one is carried out. */
function gateWith(script: ((gate: StopGate) => void)[]): StopGate {
  const control = new Int32Array(new SharedArrayBuffer(4));
  const gate: StopGate = new StopGate(
    { gate: undefined } as unknown as Chain,
    new VirtualClock(),
    control,
    () => script.shift()?.(gate),
    () => {},
  );
  return gate;
}

test("the world goes on from the request on that says so: what is asked in the same breath finds it running", () => {
  const seen: boolean[] = [];
  const gate = gateWith([
    (it) => {
      it.resume();
      seen.push(it.stopped);
    },
  ]);
  gate.stop(() => seen.push(gate.stopped));
  assert.deepEqual([...seen, gate.stopped], [true, false, false]);
});

test("a stop that is asked for before the world has gone on is one of its own", () => {
  const told: number[] = [];
  const stop = (it: StopGate): void => it.stop(() => told.push(it.stops));
  const gate = gateWith([
    (it) => {
      it.resume();
      stop(it);
    },
    (it) => it.resume(),
  ]);
  stop(gate);
  assert.deepEqual([told, gate.stopped], [[1, 2], false]);
});
