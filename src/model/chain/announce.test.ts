import assert from "node:assert/strict";
import { test } from "node:test";
import { finishParked, handOn, PARKED, station } from "./announce.ts";
import { Chain } from "./chain.ts";
import { defineStations } from "./station.ts";

const { f, g } = defineStations("hypervisor", "acrn", {
  f: { file: "f.c", contexts: [], about: "calls" },
  g: { file: "f.c", contexts: [], about: "waits" },
});

/** `f` calls `g`, which answers or throws; `after` is what is left of `f` when `g` has been parked. */
function calls(answer: () => number, after: () => number) {
  const chain = new Chain(() => 0);
  const vcpu = chain.addContext({ name: "vcpu", kind: "hv.uvcpu" });
  chain.current = vcpu;
  const inner = station(g, answer, undefined, handOn);
  const outer = station(f, (on: { readonly chain: Chain }): number => inner(on), undefined, after);
  const thrown = () => [chain.thrown?.station.id, chain.thrown?.context.name];
  return { vcpu, call: () => outer({ chain }), thrown };
}

const fail = (): never => {
  throw new Error("enough");
};

test("of a function that has been parked the frames stay, and are finished later", () => {
  const { vcpu, call } = calls(
    () => PARKED,
    () => 7,
  );
  assert.deepEqual([call(), vcpu.depth], [PARKED, 2]);
  assert.deepEqual([finishParked(vcpu, 0), vcpu.depth], [7, 0]);
});

test("no status parks a function", () => {
  for (const status of [-22, 0, 1, 2]) {
    const { vcpu, call } = calls(() => status, fail);
    assert.deepEqual([call(), vcpu.depth], [status, 0]);
  }
});

test("an error of a function that can be parked is told with its place, on the way there and on the way back", () => {
  const there = calls(fail, fail);
  assert.throws(there.call, /enough/);
  assert.deepEqual([there.thrown(), there.vcpu.depth], [["g", "vcpu"], 0]);
  const back = calls(() => PARKED, fail);
  back.call();
  assert.throws(() => finishParked(back.vcpu, 0), /enough/);
  assert.deepEqual(back.thrown(), ["f", "vcpu"]);
});
