import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsoleHub, type ConsoleSink } from "./console-hub.ts";

/** A sink that takes so many bytes, and is closed then. */
function taking(bytes: number): { readonly sink: ConsoleSink; readonly taken: (readonly [string, number])[] } {
  const taken: (readonly [string, number])[] = [];
  let room = bytes;
  const write = async (given: Uint8Array, offset: number) => {
    const part = given.subarray(0, room);
    room -= part.length;
    taken.push([Buffer.from(part).toString(), offset]);
    return part.length < given.length ? given.subarray(part.length) : undefined;
  };
  return { sink: { write }, taken };
}

test("what a sink that is closed has not taken waits for the next one", async () => {
  const hub = new ConsoleHub();
  const [first, second] = [taking(2), taking(10)];
  hub.connect(first.sink);
  const all = hub.take(Buffer.from("hello"));
  await new Promise(setImmediate);
  assert.equal(hub.offset, 2);
  hub.connect(second.sink);
  await all;
  assert.deepEqual([first.taken, second.taken], [[["he", 0]], [["llo", 2]]]);
  assert.equal(hub.offset, 5);
});
