import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInReference, builtInStations } from "./stations.ts";

const stations = builtInReference();

test("a hand-over is between two stations", () => {
  const known = new Set(stations.map(({ id }) => id));
  for (const { from, to } of builtInStations.handOvers) {
    assert.ok(known.has(from), from);
    assert.ok(known.has(to), to);
  }
});

test("a station knows both sides of its hand-overs and the names of its contexts", () => {
  const find = (id: string) => stations.find((station) => station.id === id);
  const dispatcher = find("ioreq_dispatcher");
  assert.deepEqual(dispatcher?.contexts, ["kworker/ioreq_wq"]);
  assert.deepEqual(dispatcher?.wokenBy, [{ station: "ioreq_intr_handler", how: "queue_work on ioreq_wq" }]);
  assert.deepEqual(find("ioreq_intr_handler")?.handsOverTo, [
    { station: "ioreq_dispatcher", how: "queue_work on ioreq_wq" },
  ]);
  assert.equal(find("find_ioreq_client")?.handsOverTo, undefined);
});
