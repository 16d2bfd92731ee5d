import assert from "node:assert/strict";
import { test } from "node:test";
import { defineStations } from "./station.ts";
import { StationRegistry } from "./station-registry.ts";

const info = (about: string) => ({ file: "a.c", contexts: ["dm.main"], about }) as const;
const dm = Object.values(defineStations("device-model", "r", { low: info("l"), main: info("m") }));
const guest = Object.values(defineStations("guest", "r", { high: info("h") }));

test("stations are found by name, and listed from the guest down", () => {
  const handOvers = [{ from: "high", to: "low", how: "a call of the test" }];
  const registry = new StationRegistry([{ stations: dm }, { stations: guest, handOvers }]);
  assert.deepEqual(
    registry.all.map(({ id }) => id),
    ["high", "low", "main"],
  );
  assert.equal(registry.get("low"), dm[0]);
  assert.equal(registry.has("nothing"), false);
  assert.deepEqual(registry.handOvers, handOvers);
});

test("a guest's function may have the name of a station below it", () => {
  const registry = new StationRegistry([{ stations: [...dm, ...guest] }]);
  assert.equal(registry.ofGuest("high"), guest[0]);
  assert.equal(registry.ofGuest("main"), undefined);
});

test("two stations of one name are refused", () => {
  assert.throws(() => new StationRegistry([{ stations: dm }, { stations: dm.slice(1) }]).all, /a station/);
});
