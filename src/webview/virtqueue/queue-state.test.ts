import assert from "node:assert/strict";
import { test } from "node:test";
import type { Chain, Virtqueue } from "../messages.ts";
import {
  arc,
  counts,
  currentChain,
  descriptorsOf,
  elementStates,
  flagNames,
  fromBase64,
  middle,
  spread,
  visibleText,
} from "./queue-state.ts";

/** A queue of 8 with these indices. */
function queue(availIdx: number, lastAvail: number, usedIdx: number, chains: readonly Partial<Chain>[] = []) {
  const rings = { availIdx, usedIdx } as NonNullable<Virtqueue["rings"]>;
  return { value: { size: 8, lastAvail, chains } as unknown as Virtqueue, rings };
}

test("elements are available, in work or past, across the end of the 16-bit index", () => {
  const { value, rings } = queue(1, 65_534, 65_533);
  assert.deepEqual(counts(value, rings), { available: 3, inWork: 1 });
  assert.deepEqual(elementStates(value, rings), [
    ...["available", "past", "past", "past", "past"],
    ...["inWork", "available", "available"],
  ]);
});

test("impossible indices fill the ring and no more", () => {
  const { value, rings } = queue(500, 0, 700);
  assert.deepEqual(counts(value, rings), { available: 8, inWork: 8 });
  assert.ok(elementStates(value, rings).every((state) => state === "available"));
});

test("the current chain is the one in work, then the next, then the last", () => {
  const current = (...states: Chain["state"][]) =>
    currentChain(
      queue(
        0,
        0,
        0,
        states.map((state) => ({ state })),
      ).value,
    )?.state;
  assert.equal(current("taken", "available"), "taken");
  assert.equal(current("used", "available"), "available");
  assert.equal(current("used"), "used");
  assert.equal(current(), undefined);
});

test("an indirect buffer marks the descriptor that names its table", () => {
  const buffers = [
    { descriptor: 0, indirect: 5 },
    { descriptor: 1, indirect: 5 },
    { descriptor: 7 },
  ] as unknown as Chain["buffers"];
  assert.deepEqual([...descriptorsOf({ buffers } as Chain)], [5, 7]);
});

test("flags", () => {
  assert.deepEqual([0, 1, 3, 6, 0x8002].map(flagNames), ["0", "NEXT", "NEXT|WRITE", "WRITE|INDIRECT", "WRITE|0x8000"]);
});

test("what is no visible character is an escape", () => {
  const bytes = new TextEncoder().encode("Linux \x1b[0mé\r\n\x00\u202e");
  assert.equal(visibleText(bytes), "Linux \\e[0mé\\r\\n\\x00\\u{202e}");
});

test("a long run of one control is told once", () => {
  assert.equal(visibleText(new Uint8Array(256)), "\\x00×256");
  assert.equal(visibleText(new Uint8Array(3)), "\\x00\\x00\\x00");
});

test("labels keep their distance and their order", () => {
  assert.deepEqual(spread([0, 3, 100], 14), [-5.5, 8.5, 100]);
  assert.deepEqual(spread([10, 0], 14), [12, -2]);
  assert.deepEqual(spread([], 14), []);
});

test("what is not base64 is nothing", () => {
  assert.deepEqual([...fromBase64("eA==")], [0x78]);
  assert.equal(fromBase64("***").length, 0);
});

test("elements go clockwise from the top", () => {
  const { x, y } = middle(0, 4, 100);
  assert.deepEqual([Math.round(x), Math.round(y)], [71, -71]);
  assert.match(arc(0, 4, 50, 100), /^M0\.\d\d -100\.00 A100 100 0 0 1 100\.00 /);
});
