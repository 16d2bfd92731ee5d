import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "../chain/chain.ts";
import { hopRecords } from "../chain/hop-records.ts";
import { defineStations } from "../chain/station.ts";
import { KickLog } from "./kick-log.ts";

const { f } = defineStations("hypervisor", "acrn", { f: { file: "f.c", contexts: [], about: "works" } });

test("of kicks that overlap each has its hops and its output, whichever ends first", () => {
  const chain = new Chain(() => 0);
  let output = 0;
  const log = new KickLog(chain, () => output);
  chain.recording = true;
  const work = (): void => {
    chain.current.push(f, chain, undefined, undefined, undefined);
    chain.record();
    chain.current.pop();
  };
  const shown = () => {
    const { kick, slot, queue, complete, hops } = log.hops(hopRecords, undefined);
    return [kick, slot, queue, complete, hops.length];
  };
  log.begin(0, 3, 1);
  work();
  log.begin(1, 4, 5);
  work();
  assert.deepEqual(shown(), [2, 4, 5, false, 1]);
  log.end(1);
  assert.deepEqual(shown(), [1, 3, 1, false, 2]);
  work();
  output = 9;
  log.end(0);
  assert.deepEqual(shown(), [1, 3, 1, true, 3]);
  const { kick, hops } = log.ofOutput(4, hopRecords);
  assert.deepEqual([kick, hops.length], [1, 3]);
});
