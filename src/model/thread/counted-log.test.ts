import assert from "node:assert/strict";
import { test } from "node:test";
import { countedLog } from "./counted-log.ts";

function counted() {
  const told: string[] = [];
  const log = countedLog((level, _source, message, kind) => told.push(`${level} ${message}${kind ? ` ${kind}` : ""}`));
  return { told, log };
}

test("what is repeated is told once, and then counted", () => {
  const { told, log } = counted();
  for (let i = 0; i < 20_000; i++) log(1, "acrn-dm", "vtcon: read from bad offset/size 21/1");
  assert.deepEqual(told.slice(0, 3), [
    "1 vtcon: read from bad offset/size 21/1",
    "1 vtcon: read from bad offset/size 21/1 (2 times so far)",
    "1 vtcon: read from bad offset/size 21/1 (4 times so far)",
  ]);
  assert.equal(told.length, 15);
});

test("messages that differ in numbers are told apart up to a point", () => {
  const { told, log } = counted();
  for (let i = 0; i < 70_000; i++) log(1, "acrn-dm", `vtcon: queue ${i} notify out of range`);
  assert.equal(told.length, 32 + 17);
  assert.equal(told.at(-1), "1 vtcon: queue 65567 notify out of range (65536 more of this kind so far)");
  log(1, "acrn-dm", "another");
  assert.equal(told.at(-1), "1 another");
});

test("notices, and where something has been opened, are told each time", () => {
  const { told, log } = counted();
  for (let i = 0; i < 3; i++) {
    log(4, "acrn-dm", "info");
    log(1, "acrn-dm", "opened", "announcement");
  }
  assert.equal(told.length, 6);
});

test("kinds without end take no memory without end", () => {
  const { told, log } = counted();
  const letters = (i: number): string => i.toString(2).replaceAll("0", "a").replaceAll("1", "b");
  for (let i = 0; i < 2000; i++) log(2, "acrn-dm", letters(i));
  assert.equal(told.length, 2000);
});
